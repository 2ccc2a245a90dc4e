/** Calls to the API: typed by its OpenAPI document, with the session's CSRF token, failing as `Problem`. */
import createClient, { type Middleware } from "openapi-fetch";

import { noteServerDate } from "@/time/clock";

import type { components, paths } from "./schema.gen";

export type Schema = components["schemas"];

/** What the API answers when it refuses (RFC 9457), or what stands for it when nothing answered. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly fields: ReadonlyArray<{ field: string; reason: string }>;

  constructor(given: { title: string; status: number; code: string; detail?: string; requestId?: string | null; fields?: Problem["fields"] }) {
    super(given.detail || given.title);
    this.name = "Problem";
    this.status = given.status;
    this.code = given.code;
    this.detail = given.detail ?? "";
    this.requestId = given.requestId ?? null;
    this.fields = given.fields ?? [];
  }

  /** Nothing answered: the network, or a service that is starting. Trying again may help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
  /** NightOwl itself has not answered: it cannot be reached, or what stands before it cannot reach it. */
  get isAway(): boolean {
    return this.status === 0 || (this.status >= 502 && this.status <= 504);
  }
  get isForbidden(): boolean {
    return this.status === 403;
  }
  get isMissing(): boolean {
    return this.status === 404;
  }
}

let csrfToken: string | null = null;

/** Kept in memory only; `GET /auth/me` tells it anew after a reload. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const session: Middleware = {
  onRequest({ request }) {
    if (csrfToken && !SAFE.has(request.method)) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new Problem({ title: "NightOwl cannot be reached", status: 0, code: "unreachable", detail: "No answer from NightOwl. The network or the service may be down." });
  },
};

declare global {
  interface Window {
    /** By path: what `early.js` has asked for before this code came, and when the answer did. */
    early?: Map<string, Promise<{ answer: Response; at: number }>>;
  }
}

/** Takes what was asked for early, once; asks for all else. */
async function ask(request: Request): Promise<Response> {
  const path = request.url.slice(window.location.origin.length);
  const early = request.method === "GET" ? window.early?.get(path) : undefined;
  window.early?.delete(path);
  const { answer, at } = early ? await early : { answer: await fetch(request), at: Date.now() };
  noteServerDate(answer.headers.get("Date"), at);
  return answer;
}

export const client = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin", fetch: ask });
client.use(session);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Lists are also told as CSV, which the client never asks for. */
type Json<T> = [T] extends [string] ? T : Exclude<T, string>;

/**
 * The body of an answer: `await read(client.GET("/api/v1/status"))`.
 *
 * @throws Problem when it is a refusal, whatever its form.
 */
export async function read<T>(call: Promise<Answer<T>>): Promise<Json<T>> {
  const { data, error, response } = await call;
  if (response.ok && error === undefined) return data as Json<T>;
  throw problemOf(error, response);
}

/** The body, and the revision that a later change must name (`If-Match`). */
export async function readWithTag<T>(call: Promise<Answer<T>>): Promise<{ body: Json<T>; etag: string | null }> {
  const answered = await call;
  const body = await read<T>(Promise.resolve(answered));
  return { body, etag: answered.response.headers.get("ETag") };
}

function problemOf(error: unknown, response: Response): Problem {
  const requestId = response.headers.get("X-Request-ID");
  if (error && typeof error === "object" && "code" in error && "title" in error) {
    const given = error as { title: string; code: string; detail?: string; request_id?: string; errors?: Array<{ field: string; reason: string }> };
    return new Problem({ title: given.title, status: response.status, code: given.code, detail: given.detail, requestId: given.request_id ?? requestId, fields: given.errors });
  }
  return new Problem({ title: response.statusText || `Answer ${response.status}`, status: response.status, code: "unexpected_answer", detail: `NightOwl answered ${response.status} in a form that this page does not know.`, requestId });
}
