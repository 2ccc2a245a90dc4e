import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useWatch } from "react-hook-form";
import { z } from "zod/mini";

import { client, read, readWithTag, type Schema } from "@/api/client";
import { CheckField, SelectField, TextArea, TextField } from "@/ui/field";
import { SEVERITIES } from "@/ui/severity";
import { toast } from "@/ui/toast";
import { useEditor } from "@/ui/use-editor";

import { tidy } from "./event-types";
import { EventTypesField } from "./event-types-field";
import { FormDialog } from "./form-dialog";
import { faultOf, matchersFrom, matcherText } from "./matchers";
import { endpointsQuery } from "./queries";

type Subscription = Schema["WebhookSubscription"];

const LABELS = { name: "Name", endpoint_id: "Endpoint", event_types: "Events", matchers: "Only alerts with", min_severity: "From severity", is_enabled: "Enabled" };

const schema = z.object({
  name: z.string().check(z.refine((value) => value.trim() !== "", "A subscription needs a name."), z.maxLength(200, "At most 200 characters.")),
  endpoint_id: z.string().check(z.minLength(1, "Choose where the events go.")),
  event_types: z.array(z.string()).check(z.minLength(1, "Choose at least one.")),
  matchers: z.string().check((context) => {
    const fault = faultOf(matchersFrom, context.value);
    if (fault) context.issues.push({ code: "custom", message: fault, input: context.value });
  }),
  min_severity: z.string(),
  is_enabled: z.boolean(),
});

type Values = z.infer<typeof schema>;

const BLANK: Values = { name: "", endpoint_id: "", event_types: ["alert.opened", "alert.resolved"], matchers: "", min_severity: "", is_enabled: true };

function valuesOf({ name, endpoint_id, event_types, matchers, min_severity, is_enabled }: Subscription): Values {
  return { name, endpoint_id, event_types, matchers: matcherText(matchers), min_severity: min_severity ?? "", is_enabled };
}

function contentFrom({ name, endpoint_id, event_types, matchers, min_severity, is_enabled }: Values): Schema["SubscriptionContent"] {
  return { name: name.trim(), endpoint_id, event_types: tidy(event_types), matchers: matchersFrom(matchers), min_severity: (min_severity || null) as Subscription["min_severity"], is_enabled };
}

export function SubscriptionForm({ subscription, onClose }: { subscription?: Subscription; onClose: () => void }) {
  const cache = useQueryClient();
  const endpoints = useQuery(endpointsQuery);
  const webhooks = endpoints.data?.items.filter(({ kind }) => kind === "webhook") ?? [];
  const path = { subscription_id: subscription?.id ?? "" };
  const editor = useEditor<Values, Subscription>({
    schema,
    first: subscription ? { values: valuesOf(subscription), etag: `"${subscription.revision}"` } : { values: BLANK, etag: null },
    isNew: !subscription,
    labels: LABELS,
    readNewest: async () => {
      const { body, etag } = await readWithTag(client.GET("/api/v1/webhook-subscriptions/{subscription_id}", { params: { path } }));
      return { values: valuesOf(body), etag };
    },
    save: (values, etag) =>
      subscription
        ? read(client.PUT("/api/v1/webhook-subscriptions/{subscription_id}", { params: { path, header: { "If-Match": etag ?? undefined } }, body: contentFrom(values) }))
        : read(client.POST("/api/v1/webhook-subscriptions", { body: contentFrom(values) })),
    onSaved: async ({ name }) => {
      onClose();
      toast.done(subscription ? `${name} is saved.` : `${name} gets events from now on.`);
      await cache.invalidateQueries({ queryKey: ["subscription"] });
    },
    onUntouched: onClose,
  });
  const { register, formState, control, setValue } = editor.form;
  const types = useWatch({ control, name: "event_types" });
  const field = (name: keyof Values) => ({ ...register(name), label: LABELS[name], error: formState.errors[name]?.message });
  return (
    <FormDialog title={subscription ? `Change ${subscription.name}` : "New subscription"} lead="Each event that fits is posted once to the endpoint, signed with its secret." action={subscription ? "Save subscription" : "Subscribe"} onClose={onClose} {...editor}>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField {...field("name")} maxLength={200} />
        <SelectField {...field("endpoint_id")} hint={endpoints.error ? "The endpoints could not be loaded." : endpoints.data && webhooks.length === 0 ? "Add an endpoint of the kind webhook first." : "Of the kind webhook."}>
          <option value="">Choose one</option>
          {subscription && !webhooks.some(({ id }) => id === subscription.endpoint_id) && <option value={subscription.endpoint_id}>{subscription.endpoint_name}</option>}
          {webhooks.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <EventTypesField value={types} error={formState.errors.event_types?.message} onChange={(next) => setValue("event_types", next, { shouldDirty: true, shouldValidate: true })} />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField {...field("min_severity")} hint="Asked of events about an alert.">
          <option value="">Any severity</option>
          {SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {severity} and worse
            </option>
          ))}
        </SelectField>
        <TextArea {...field("matchers")} rows={2} spellCheck={false} placeholder='team="databases"' hint="Labels, one per line, with =, !=, =~ or !~." />
        <CheckField {...register("is_enabled")} label="Enabled" hint="Switched off, it gets nothing, and what waits is dropped." className="sm:col-span-2" />
      </div>
    </FormDialog>
  );
}
