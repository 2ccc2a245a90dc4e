/** Personal tokens: keys with which scripts act as oneself. */
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { client, read, type Schema } from "@/api/client";
import { itemsOf, pages, totalOf } from "@/api/pages";
import { queries } from "@/api/queries";
import { instantOf } from "@/time/local-input";
import { Absolute, Ago } from "@/time/time";
import { localZone } from "@/time/words";
import { Button } from "@/ui/button";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { FormError, TextField } from "@/ui/field";
import { More } from "@/ui/more";
import { Empty, Loaded, Panel } from "@/ui/panel";
import { SecretOnce } from "@/ui/secret";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

type Token = Schema["ApiKey"];

export function Tokens() {
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<Schema["CreatedKey"] | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const tokens = useInfiniteQuery(pages(["key", "own"], (cursor) => read(client.GET("/api/v1/tokens", { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } }))));
  const refresh = () => queries.invalidateQueries({ queryKey: ["key"] });
  const revoke = useMutation({
    mutationFn: (id: string) => read(client.DELETE("/api/v1/tokens/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: () => toast.done("The token is revoked."),
    onError: (error) => toast.failed(error.message),
    onSettled: () => {
      setRevoking(null);
      return refresh();
    },
  });
  return (
    <Panel
      title="Personal tokens"
      actions={
        <Button look="ack" onClick={() => setMaking(true)}>
          New token
        </Button>
      }
    >
      <Loaded query={tokens} what="Your tokens" isEmpty={(data) => itemsOf(data).length === 0} empty={<Empty title="No tokens">A script that acts as you needs one.</Empty>}>
        {(data) => (
          <>
            <Table caption="Personal tokens">
              <thead>
                <tr>
                  <Th>Token</Th>
                  <Th>For</Th>
                  <Th>Last used</Th>
                  <Th>Ends</Th>
                  <Th>
                    <span className="sr-only">Actions</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {itemsOf(data).map((token) => (
                  <tr key={token.id}>
                    <Td>
                      <code className="font-mono">{token.prefix}…</code>
                    </Td>
                    <Td className="wrap-anywhere">{token.description}</Td>
                    <Td>{token.last_used_at ? <Ago at={token.last_used_at} /> : <span className="text-muted">never</span>}</Td>
                    <Td>{token.expires_at ? <Absolute at={token.expires_at} /> : <span className="text-muted">never</span>}</Td>
                    <Td className="text-right">
                      <Button look="quiet" onClick={() => setRevoking(token)} aria-label={`Revoke ${token.description}`}>
                        Revoke
                      </Button>
                    </Td>
                  </tr>
                ))}
              </tbody>
            </Table>
            <More query={tokens} shown={itemsOf(data).length} total={totalOf(data)} />
          </>
        )}
      </Loaded>
      {isMaking && <NewToken onClose={() => setMaking(false)} onMade={setMade} />}
      <SecretOnce title="The new token" secrets={made && [["Token", made.key]]} onClose={() => setMade(null)} />
      <Confirm isOpen={revoking !== null} onClose={() => setRevoking(null)} onConfirm={() => revoking && revoke.mutate(revoking.id)} isBusy={revoke.isPending} isDanger title="Revoke this token?" action="Revoke">
        What uses it is refused from then on.
      </Confirm>
    </Panel>
  );
}

function NewToken({ onClose, onMade }: { onClose: () => void; onMade: (token: Schema["CreatedKey"]) => void }) {
  const make = useMutation({
    mutationFn: (form: FormData) => {
      const ends = String(form.get("expires_at"));
      return read(client.POST("/api/v1/tokens", { body: { description: String(form.get("description")), role: null, expires_at: instantOf(ends) } }));
    },
    onSuccess: async (token) => {
      onClose();
      onMade(token);
      await queries.invalidateQueries({ queryKey: ["key"] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    make.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog isOpen onClose={onClose} title="New personal token" lead="It may what you may, and is shown once.">
      <form onSubmit={submit} className="grid gap-4">
        <TextField label="What is it for?" name="description" required maxLength={200} />
        <TextField label="Ends" name="expires_at" type="datetime-local" hint={`${localZone}. Empty: it works until it is revoked.`} />
        <FormError error={make.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ack" type="submit" isBusy={make.isPending}>
            Make token
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
