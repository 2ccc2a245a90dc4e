/**
 * Markdown as React elements. What people and machines wrote is never read as HTML: there is no way from here to it.
 *
 * Links lead to http, https and mailto alone. Commands can be copied. With `steps` the text is a checklist.
 */
import { clsx } from "clsx";
import { Check, Copy } from "lucide-react";
import { Fragment, useId, useMemo, useState, type ReactNode } from "react";

import { Snippet } from "./copy";
import { type Inline } from "./markdown-inline";
import { parseMarkdown, type Block, type Item } from "./markdown-tree";
import { toast } from "./toast";

export interface Steps {
  /** Names of the steps that are done (`stepsOf`). */
  done: ReadonlySet<string>;
  onToggle: (step: string) => void;
}

interface MarkdownProps {
  text: string;
  /** What the text's first-level headings are on this page: 3 below a panel's heading. */
  top?: number;
  steps?: Steps;
  className?: string;
}

export function Markdown({ text, top = 3, steps, className }: MarkdownProps) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  const levels = useMemo(() => levelsOf(blocks, top), [blocks, top]);
  return (
    <div className={clsx("grid min-w-0 gap-3 wrap-anywhere", className)}>
      <Blocks blocks={blocks} levels={levels} steps={steps} />
    </div>
  );
}

/** Headings in order, whatever the writer skipped: the n-th level that occurs is n below the top. Pure. */
export function levelsOf(blocks: readonly Block[], top: number): ReadonlyMap<number, number> {
  const used = [...new Set(headingsOf(blocks))].sort((a, b) => a - b);
  return new Map(used.map((level, index) => [level, Math.min(6, top + index)]));
}

function headingsOf(blocks: readonly Block[]): number[] {
  return blocks.flatMap((block) => {
    if (block.kind === "heading") return [block.level];
    if (block.kind === "quote") return headingsOf(block.blocks);
    return block.kind === "list" ? block.items.flatMap((item) => headingsOf(item.blocks)) : [];
  });
}

interface Shared {
  levels: ReadonlyMap<number, number>;
  steps: Steps | undefined;
}

function Blocks({ blocks, ...shared }: { blocks: readonly Block[] } & Shared) {
  // The order of a text's blocks is all that they have for a name.
  return blocks.map((block, index) => <BlockOf key={index} block={block} {...shared} />);
}

function BlockOf({ block, levels, steps }: { block: Block } & Shared) {
  switch (block.kind) {
    case "heading":
      return <Heading block={block} level={levels.get(block.level) ?? 6} steps={steps} />;
    case "paragraph":
      return <p className="max-w-prose">{inline(block.children)}</p>;
    case "code":
      return <Snippet text={block.text} label={`Copy ${block.language || "text"}: ${block.text.split("\n")[0]!.slice(0, 60)}`} />;
    case "quote":
      return (
        <blockquote className="grid gap-3 border-l-2 border-control pl-3 text-muted">
          <Blocks blocks={block.blocks} levels={levels} steps={steps} />
        </blockquote>
      );
    case "rule":
      return <hr />;
    case "table":
      return <Grid head={block.head} rows={block.rows} />;
    case "list":
      return <List block={block} levels={levels} steps={steps} />;
  }
}

function Heading({ block, level, steps }: { block: Extract<Block, { kind: "heading" }>; level: number; steps: Steps | undefined }) {
  const Tag = `h${level}` as "h3";
  const heading = <Tag className={level <= 3 ? "text-base font-semibold" : "font-semibold"}>{inline(block.children)}</Tag>;
  if (!steps || !block.step) return heading;
  return (
    <div className="flex items-center gap-2 pt-2">
      <StepBox step={block.step} steps={steps} />
      {heading}
    </div>
  );
}

function List({ block, levels, steps }: { block: Extract<Block, { kind: "list" }> } & Shared) {
  const isChecklist = block.items.some((item) => (steps && item.step) || item.task !== null);
  const items = block.items.map((item, index) => (
    <li key={index} className={clsx(isChecklist && "flex min-w-0 items-start gap-2", steps?.done.has(item.step) && "text-muted")}>
      {isChecklist && <Tick item={item} number={block.isOrdered ? block.start + index : null} steps={steps} />}
      <div className="grid min-w-0 flex-1 gap-2">
        <Blocks blocks={item.blocks} levels={levels} steps={steps} />
      </div>
    </li>
  ));
  const look = clsx("grid gap-2", !isChecklist && "pl-6", !isChecklist && (block.isOrdered ? "list-decimal" : "list-disc"));
  // A list without marks is read out as a list only when it says that it is one.
  return block.isOrdered ? (
    <ol start={block.start} role="list" className={look}>
      {items}
    </ol>
  ) : (
    <ul role="list" className={look}>
      {items}
    </ul>
  );
}

function Tick({ item, number, steps }: { item: Item; number: number | null; steps: Steps | undefined }) {
  return (
    <span className="flex shrink-0 items-center gap-2">
      {steps && item.step ? <StepBox step={item.step} steps={steps} /> : item.task !== null && <TaskMark isDone={item.task} />}
      {number !== null && <span className="min-w-5 text-right text-muted tabular-nums">{number}.</span>}
    </span>
  );
}

function TaskMark({ isDone }: { isDone: boolean }) {
  return (
    <span role="img" aria-label={isDone ? "done" : "to do"} className="grid size-5 place-items-center text-muted">
      {isDone ? "☑" : "☐"}
    </span>
  );
}

function StepBox({ step, steps }: { step: string; steps: Steps }) {
  const id = useId();
  return (
    <label htmlFor={id} className="grid size-6 place-items-center pointer-coarse:size-11">
      <span className="sr-only">Done: {step}</span>
      <input id={id} type="checkbox" checked={steps.done.has(step)} onChange={() => steps.onToggle(step)} className="size-4 accent-(--accent) pointer-coarse:size-6" />
    </label>
  );
}

function Grid({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Table">
      <table className="border-collapse text-left">
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col" className="border px-3 py-1.5 font-medium">
                {inline(cell)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} className="border px-3 py-1.5 align-top">
                  {inline(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(children: readonly Inline[]): ReactNode {
  return children.map((each, index) => <Fragment key={index}>{inlineOf(each)}</Fragment>);
}

function inlineOf(each: Inline): ReactNode {
  switch (each.kind) {
    case "text":
      return each.text;
    case "break":
      return <br />;
    case "code":
      return <Code text={each.text} />;
    case "strong":
      return <strong className="font-semibold">{inline(each.children)}</strong>;
    case "em":
      return <em>{inline(each.children)}</em>;
    case "del":
      return <del>{inline(each.children)}</del>;
    case "link":
      return (
        <a href={each.href} target="_blank" rel="noopener noreferrer nofollow" className="link">
          {inline(each.children)}
        </a>
      );
  }
}

/** Code with a space in it is a command, and can be copied. */
function Code({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const code = <code className="rounded bg-raised px-1 py-0.5 font-mono text-xs wrap-anywhere">{text}</code>;
  if (!/\S\s+\S/u.test(text)) return code;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      toast.failed("The browser does not let this page copy. Select the text and copy it by hand.");
    }
  };
  return (
    <>
      {code}
      <button type="button" aria-label={isCopied ? "Copied" : `Copy ${text}`} title="Copy" onClick={() => void copy()} className="ml-0.5 inline-grid size-6 place-items-center rounded align-middle text-muted hover:bg-raised hover:text-text">
        {isCopied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
      </button>
    </>
  );
}
