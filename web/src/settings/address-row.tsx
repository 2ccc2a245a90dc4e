/** One address of somebody: whether it is proved, and what can be done about it. */
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { client, read } from "@/api/client";
import { may, useMe } from "@/session/me";
import { Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { Code } from "./code-form";
import { KINDS, type Method, type WrittenKind } from "./kinds";
import type { ProfileAddress } from "./profile";
import { addAddress, refreshAddresses, sendCode } from "./queries";
import { TestPages } from "./test-pages";

interface OfSomebody {
  userId: string;
  /** Null: the reader. */
  name: string | null;
}

export function AddressRow({ userId, name, method }: OfSomebody & { method: Method }) {
  const isManager = may(useMe(), "manager");
  const [isRemoving, setRemoving] = useState(false);
  const params = { path: { user_id: userId, method_id: method.id } };
  const remove = useMutation({
    mutationFn: () => read(client.DELETE("/api/v1/users/{user_id}/contact-methods/{method_id}", { params: { ...params, header: { "If-Match": `"${method.revision}"` } } })),
    onSuccess: () => toast.done("The address is gone."),
    onError: (error) => toast.failed(error.message),
    onSettled: () => {
      setRemoving(false);
      return refreshAddresses(userId);
    },
  });
  const vouch = useMutation({
    mutationFn: ({ revision, isVerified }: { revision: number; isVerified: boolean }) =>
      read(
        client.PUT("/api/v1/users/{user_id}/contact-methods/{method_id}", {
          params: { ...params, header: { "If-Match": `"${revision}"` } },
          body: { kind: method.kind as WrittenKind, address: method.address, position: method.position, is_verified: isVerified },
        }),
      ),
    onSuccess: ({ revision, is_verified }) =>
      is_verified ? toast.done("The address is verified and is paged from now on.", () => vouch.mutate({ revision, isVerified: false })) : toast.done("Undone: the address is not paged."),
    onError: (error) => toast.failed(error.message),
    onSettled: () => refreshAddresses(userId),
  });
  const isOpen = !method.is_verified && method.kind !== "push";
  return (
    <Row
      title={
        <>
          {KINDS[method.kind]} {method.browser_name ?? ""} <span className="font-mono text-sm font-normal wrap-anywhere">{method.address}</span>
        </>
      }
      pill={method.is_verified ? <Pill className="border-ok text-ok">verified</Pill> : <Pill className="border-warning text-warning">{method.kind === "push" ? "ended" : "not verified"}</Pill>}
    >
      {method.gone_at ? (
        <p className="text-warning">
          Its push service gave it up <Ago at={method.gone_at} />. {name === null ? "Turn it on again in that browser, or remove it." : `${name} turns it on again in that browser.`}
        </p>
      ) : !isOpen ? (
        <TestPages userId={userId} method={method} />
      ) : name === null ? (
        <Code userId={userId} method={method} />
      ) : (
        <p className="text-muted">Not paged until {name} types the code that goes there, or you vouch for it.</p>
      )}
      <div className="ml-auto flex flex-wrap justify-end gap-2">
        {isOpen && isManager && (
          <Button onClick={() => vouch.mutate({ revision: method.revision, isVerified: true })} isBusy={vouch.isPending} aria-label={`Mark as verified: ${KINDS[method.kind]} ${method.address}`}>
            Mark as verified
          </Button>
        )}
        <Button look="quiet" className="-mr-3" onClick={() => setRemoving(true)} aria-label={`Remove ${method.address}`}>
          Remove
        </Button>
      </div>
      <Confirm isOpen={isRemoving} onClose={() => setRemoving(false)} onConfirm={() => remove.mutate()} isBusy={remove.isPending} isDanger title="Remove this address?" action="Remove">
        {method.address} is not paged any more.
      </Confirm>
    </Row>
  );
}

/** An address of the profile: it is paged while nothing better is there, and nobody has proved it. */
export function ProfileRow({ userId, name, found }: OfSomebody & { found: ProfileAddress }) {
  const isManager = may(useMe(), "manager");
  const take = useMutation({
    mutationFn: async (isVouched: boolean) => {
      const made = await addAddress(userId, found, isVouched);
      if (!isVouched) await sendCode(userId, made.id);
    },
    onSuccess: (_, isVouched) => toast.done(isVouched ? "The address is verified." : "Type the code that arrives there."),
    onError: (error) => toast.failed(error.message),
    onSettled: () => refreshAddresses(userId),
  });
  return (
    <Row
      title={
        <>
          {KINDS[found.kind]} <span className="font-mono text-sm font-normal wrap-anywhere">{found.address}</span>
        </>
      }
      pill={<Pill className="border-warning text-warning">from the profile</Pill>}
    >
      {name === null ? (
        <Button look="ack" onClick={() => take.mutate(false)} isBusy={take.isPending} aria-label={`Verify ${found.address} by ${KINDS[found.kind]}`}>
          Verify
        </Button>
      ) : (
        <p className="text-muted">Paged as long as no verified address of its kind is there.</p>
      )}
      {isManager && (
        <Button className="ml-auto" onClick={() => take.mutate(true)} isBusy={take.isPending} aria-label={`Mark as verified: ${KINDS[found.kind]} ${found.address}`}>
          Mark as verified
        </Button>
      )}
    </Row>
  );
}

/** `tabIndex`: where the focus goes when what had it is done. */
function Row({ title, pill, children }: { title: ReactNode; pill: ReactNode; children: ReactNode }) {
  return (
    <li tabIndex={-1} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 py-2">
      <p className="font-medium">{title}</p>
      {pill}
      <div className="col-span-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">{children}</div>
    </li>
  );
}
