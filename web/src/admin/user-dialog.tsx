import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";

import { client, Problem, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { may, useMe, type Role } from "@/session/me";
import { localZone } from "@/time/words";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { FormError, SelectField, TextField } from "@/ui/field";
import { Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { ZoneField } from "@/ui/zone-field";

const ROLES: readonly Role[] = ["readonly", "engineer", "manager", "admin"];

const form = z.object({
  display_name: z.string().check(z.minLength(1, "A person needs a name."), z.maxLength(200)),
  email: z.email("This is no e-mail address."),
  role: z.enum(["readonly", "engineer", "manager", "admin"]),
  timezone: z.string(),
  phone: z.string().check(z.regex(/^(\+[1-9]\d{6,14})?$/u, "Write it as +491701234567.")),
  slack_user_id: z.string(),
});
type Fields = z.infer<typeof form>;
type Detail = Schema["UserDetail"];

const EMPTY: Fields = { display_name: "", email: "", role: "engineer", timezone: localZone, phone: "", slack_user_id: "" };

function fieldsOf(user: Detail): Fields {
  return { ...user, phone: user.phone ?? "", slack_user_id: user.slack_user_id ?? "" };
}

/** Adds somebody, or changes who is there. Only what was changed is sent. */
export function UserDialog({ user, onClose }: { user: Schema["User"] | null; onClose: () => void }) {
  const detail = useQuery({
    queryKey: ["user", user?.id, "detail"],
    queryFn: () => read(client.GET("/api/v1/users/{user_id}", { params: { path: { user_id: user!.id } } })),
    enabled: user !== null,
    staleTime: 0,
  });
  return (
    <Dialog isOpen onClose={onClose} title={user ? user.display_name : "Add a person"}>
      {detail.error && <FormError error={detail.error} />}
      {user && !detail.data ? <Skeleton lines={6} what="The person" /> : <UserForm key={detail.data?.revision ?? 0} user={detail.data ?? null} onClose={onClose} />}
    </Dialog>
  );
}

function UserForm({ user, onClose }: { user: Detail | null; onClose: () => void }) {
  const me = useMe();
  const isAdmin = may(me, "admin");
  const { register, handleSubmit, setError, formState } = useForm<Fields>({ resolver: zodResolver(form), defaultValues: user ? fieldsOf(user) : EMPTY });
  const { errors, dirtyFields } = formState;
  const save = useMutation({
    mutationFn: async (fields: Fields) => {
      const body = { ...fields, phone: fields.phone || null, slack_user_id: fields.slack_user_id || null };
      if (!user) return read(client.POST("/api/v1/users", { body: { ...body, external_id: null, preferences: {} } }));
      const changed = Object.fromEntries(Object.entries(body).filter(([name]) => dirtyFields[name as keyof Fields]));
      if (Object.keys(changed).length === 0) return user;
      return read(client.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id }, header: { "If-Match": `"${user.revision}"` } }, body: changed }));
    },
    onSuccess: async (saved) => {
      if (saved !== user) toast.done(user ? `${saved.display_name} is changed.` : `${saved.display_name} is added.`);
      onClose();
      await queries.invalidateQueries({ queryKey: ["user"] });
    },
    onError: (error) => {
      if (!(error instanceof Problem)) return;
      for (const { field, reason } of error.fields) setError(field.replace(/^\$\./u, "") as keyof Fields, { message: reason });
    },
  });
  const conflict = save.error instanceof Problem && save.error.status === 412;
  return (
    <form onSubmit={handleSubmit((fields) => save.mutate(fields))} className="grid gap-4" noValidate>
      <TextField label="Name" {...register("display_name")} error={errors.display_name?.message} autoComplete="off" />
      <TextField label="E-mail" type="email" {...register("email")} error={errors.email?.message} disabled={!isAdmin} hint={isAdmin ? undefined : "An admin's to change."} autoComplete="off" />
      <SelectField label="Role" {...register("role")} error={errors.role?.message} disabled={!isAdmin} hint="readonly looks · engineer acts on alerts · manager plans · admin decides who may what">
        {ROLES.map((role) => (
          <option key={role}>{role}</option>
        ))}
      </SelectField>
      <ZoneField label="Time zone" {...register("timezone")} error={errors.timezone?.message} />
      <TextField label="Phone" type="tel" {...register("phone")} error={errors.phone?.message} hint="With the country's code: +491701234567." autoComplete="off" />
      <TextField label="Slack user id" {...register("slack_user_id")} error={errors.slack_user_id?.message} hint="Found by e-mail where it is empty." />
      {conflict && (
        <p role="alert" className="text-warning">
          Somebody else has changed this person meanwhile. What you typed is still here;{" "}
          <button type="button" className="link" onClick={() => void queries.invalidateQueries({ queryKey: ["user"] })}>
            read the newest
          </button>{" "}
          to go on from there.
        </p>
      )}
      <FormError error={conflict ? null : save.error} />
      <DialogButtons>
        {user && isAdmin && <Leaving user={user} onClose={onClose} />}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="ack" type="submit" isBusy={save.isPending}>
          {user ? "Save" : "Add"}
        </Button>
      </DialogButtons>
    </form>
  );
}

function Leaving({ user, onClose }: { user: Detail; onClose: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const path = { params: { path: { user_id: user.id } } };
  const leave = useMutation({
    mutationFn: () => read(client.POST("/api/v1/users/{user_id}/deactivate", path)),
    onSuccess: (left) => {
      const uses = left.used_by.map((use) => `${use.kind} of ${use.name}`).join(", ");
      toast.done(uses ? `${user.display_name} has left. Still counted on in: ${uses}.` : `${user.display_name} has left.`);
    },
    onError: (error) => toast.failed(error.message),
    onSettled: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ["user"] });
    },
  });
  const comeBack = useMutation({
    mutationFn: () => read(client.POST("/api/v1/users/{user_id}/reactivate", path)),
    onSuccess: () => toast.done(`${user.display_name} is back. Keys are not; new ones are made.`),
    onError: (error) => toast.failed(error.message),
    onSettled: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ["user"] });
    },
  });
  if (!user.is_active)
    return (
      <Button onClick={() => comeBack.mutate()} isBusy={comeBack.isPending} className="mr-auto">
        Bring back
      </Button>
    );
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)} className="mr-auto">
        Leaves
      </Button>
      <Confirm isOpen={isAsking} onClose={() => setAsking(false)} onConfirm={() => leave.mutate()} isBusy={leave.isPending} isDanger title={`${user.display_name} leaves?`} action="Deactivate">
        Sessions end, keys and calendar feeds are revoked. Rosters and policies that count on {user.display_name} are named afterwards. What was done stays told.
      </Confirm>
    </>
  );
}
