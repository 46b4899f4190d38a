import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Host, HttpRequest, HttpResponse, RequestFunction } from '../host.js'
import type { Actor, CallStep, ExchangeTrace, TraceStep } from '../trace/trace.js'
import type { Stage } from './stage.js'

/** One claim of a story and whether it held. Values are plain text without secrets. */
export interface Assertion {
  readonly title: string
  readonly held: boolean
  readonly expected: string
  readonly actual: string
}

export type SceneEvent =
  | { readonly kind: 'chapter'; readonly text: string }
  /** `trace` is the gateway's own record of it, when the gateway runs in this process. */
  | { readonly kind: 'call'; readonly step: CallStep; readonly trace: ExchangeTrace | undefined }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  /** A line of explanation, or of a token shown on screen. */
  | { readonly kind: 'note'; readonly text: string }

/** What one story has: the stage, recorded HTTP, and somewhere to say what happened. */
export interface Scene {
  readonly stage: Stage
  readonly host: Host
  /** Starts a part of the story. */
  chapter(text: string): void
  note(text: string): void
  /** HTTP as one of the actors outside the gateway; each call is recorded. */
  as(actor: 'client' | 'browser'): RequestFunction
  /** Asserts; a story goes on after a miss, so that the closing table is whole. */
  expect(title: string, actual: unknown, expected: unknown): void
}

export interface SceneRecord {
  readonly assertions: readonly Assertion[]
  /** Every step in time, ours and the gateway's. */
  readonly steps: readonly TraceStep[]
}

/** A scene and what it will have recorded. */
export function createScene(
  stage: Stage,
  host: Host,
  onEvent: (event: SceneEvent) => void,
): { readonly scene: Scene; record(): SceneRecord } {
  const assertions: Assertion[] = []
  const calls: ObservedCall[] = []
  const record = async (actor: Actor, request: HttpRequest, at: number, response: HttpResponse | undefined): Promise<void> => {
    const step: CallStep = {
      kind: 'call',
      from: actor,
      to: request.url.origin === new URL(stage.gatewayUrl).origin ? 'gateway' : 'idp',
      what: `${request.method} ${shownPath(request.url)}`,
      purpose: 'request',
      ...(response ? { status: response.status } : { error: 'no answer' }),
      at,
      durationMs: response?.durationMs ?? 0,
    }
    const trace = await traceOf(stage, response)
    calls.push({ step, trace })
    onEvent({ kind: 'call', step, trace })
  }
  const scene: Scene = {
    stage,
    host,
    chapter: (text) => onEvent({ kind: 'chapter', text }),
    note: (text) => onEvent({ kind: 'note', text }),
    as: (actor) => async (request) => {
      const at = host.now().getTime()
      try {
        const response = await host.request(request)
        await record(actor, request, at, response)
        return response
      } catch (error) {
        await record(actor, request, at, undefined)
        throw error
      }
    },
    expect: (title, actual, expected) => {
      const held = isEqual(actual, expected)
      const assertion = { title, held, expected: show(expected), actual: show(actual) }
      assertions.push(assertion)
      onEvent({ kind: 'assertion', assertion })
    },
  }
  return {
    scene,
    record: () => ({ assertions, steps: timelineOf(calls) }),
  }
}

interface ObservedCall {
  readonly step: CallStep
  readonly trace: ExchangeTrace | undefined
}

/** More than what the diagram forgives between clocks. */
const GAP_MS = 10

/**
 * Our calls and, inside each, what the gateway did for it. The two clocks differ (the gateway's may even be shifted) and calls follow one
 * another within a millisecond, so the times are laid on one line: durations and distances inside a call are as observed, calls are apart.
 */
function timelineOf(calls: readonly ObservedCall[]): TraceStep[] {
  let at = calls[0]?.step.at ?? 0
  return calls.flatMap(({ step, trace }) => {
    const begin = at
    at += step.durationMs + GAP_MS
    const inside = (trace?.steps ?? []).filter((one) => one.kind !== 'call' || one.to !== 'gateway')
    const within = (one: TraceStep): number => {
      const latest = Math.max(step.durationMs - (one.kind === 'call' ? one.durationMs : 0), 0)
      return begin + Math.min(Math.max(one.at - (trace?.at ?? 0), 0), latest)
    }
    return [{ ...step, at: begin }, ...inside.map((one) => ({ ...one, at: within(one) }))]
  })
}

/** The gateway's trace of an answer. It is complete a moment after the answer is. */
async function traceOf({ traces }: Stage, response: HttpResponse | undefined): Promise<ExchangeTrace | undefined> {
  const requestId = response?.headers['x-kong-request-id']
  if (!traces || requestId === undefined) return undefined
  for (let turn = 0; turn < 50; turn++) {
    const trace = traces().findLast(({ id }) => id === requestId)
    if (trace) return trace
    await nextTurn()
  }
  return undefined
}

/** The path, and of the query the names only: what a reader of a diagram needs, and nothing secret. */
function shownPath(url: URL): string {
  const names = [...new Set(url.searchParams.keys())]
  return names.length === 0 ? url.pathname : `${url.pathname}?${names.slice(0, 4).join('&')}${names.length > 4 ? '&…' : ''}`
}

function isEqual(actual: unknown, expected: unknown): boolean {
  if (expected instanceof RegExp) return typeof actual === 'string' && expected.test(actual)
  return JSON.stringify(actual) === JSON.stringify(expected)
}

function show(value: unknown): string {
  if (value === undefined) return 'absent'
  if (value instanceof RegExp) return String(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
