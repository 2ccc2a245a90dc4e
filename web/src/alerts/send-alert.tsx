/** The command with which whatever can post JSON sends an alert. */
import { Snippet } from "@/ui/copy";

export function SendAlert() {
  const curl = `curl -H "X-API-Key: $KEY" -d '{"title": "Backup of orders failed", "severity": "major"}' \\\n  ${window.location.origin}/api/v1/webhooks/generic`;
  return <Snippet text={curl} label="Copy the command" />;
}
