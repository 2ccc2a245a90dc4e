import { useState } from "react";

import { TextArea } from "@/ui/field";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";

import { PatternTrial } from "./pattern-trial";

export default function PatternsPage() {
  const [patterns, setPatterns] = useState("");
  return (
    <Page title="Test patterns" lead="Which entries a payload would find, and what a new pattern would match. Nothing is saved.">
      <div className="max-w-4xl">
        <Panel title="Trial">
          <div className="grid gap-4">
            <TextArea label="New patterns" rows={3} value={patterns} onChange={(event) => setPatterns(event.target.value)} spellCheck={false} hint="Regular expressions (RE2), one per line. Leave it empty to try only those that are stored." />
            <PatternTrial patterns={patterns.split("\n").map((each) => each.trim()).filter(Boolean)} />
          </div>
        </Panel>
      </div>
    </Page>
  );
}
