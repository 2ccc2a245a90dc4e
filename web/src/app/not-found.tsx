import { Link } from "@tanstack/react-router";

import { Page } from "@/ui/page";

export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        The address may be mistyped, or what it named is gone. <Link to="/" className="link">Go to what is happening now</Link>.
      </p>
    </Page>
  );
}
