import type { Actor, CallStep, DecisionStep, TraceStep } from '../trace/trace.js'

export interface DiagramOptions {
  readonly title?: string
  /** Whether decisions appear as notes. Default true. */
  readonly decisions?: boolean
  /** Whether replies say how long they took. Default true. */
  readonly timings?: boolean
}

/** One line of a sequence diagram, whatever draws it. */
export type DiagramRow =
  | { readonly kind: 'call' | 'reply'; readonly from: Actor; readonly to: Actor; readonly text: string; readonly tone: DiagramTone }
  | { readonly kind: 'note'; readonly over: Actor; readonly text: string; readonly tone: DiagramTone }

export type DiagramTone = 'plain' | 'good' | 'bad'

/** Left to right, always: a reader finds the gateway in the same place in every diagram. */
const ACTORS: readonly Actor[] = ['browser', 'client', 'gateway', 'idp', 'store', 'upstream']

export const ACTOR_LABELS = {
  browser: 'Browser',
  client: 'Client',
  gateway: 'Gateway',
  idp: 'Identity provider',
  store: 'Session store',
  upstream: 'Upstream',
} satisfies Record<Actor, string>

/** The observed steps as a Mermaid sequence diagram: calls with their answers, decisions as notes. Every text is escaped. */
export function toMermaid(steps: readonly TraceStep[], options: DiagramOptions = {}): string {
  const rows = diagramRows(steps, options)
  const lines = rows.map((row) => {
    if (row.kind === 'note') return `Note over ${row.over}: ${escapeMermaid(row.text)}`
    const arrow = row.kind === 'call' ? '->>' : row.tone === 'bad' && !/^\d/.test(row.text) ? '--x' : '-->>'
    return `${row.from}${arrow}${row.to}: ${escapeMermaid(row.text)}`
  })
  const participants = diagramActors(rows).map((actor) => `participant ${actor} as ${ACTOR_LABELS[actor]}`)
  const title = options.title === undefined ? [] : [`title: ${escapeMermaid(options.title)}`]
  return ['sequenceDiagram', ...[...title, ...participants, ...lines].map((line) => `  ${line}`), ''].join('\n')
}

/** Who takes part, in the fixed order. */
export const diagramActors = (rows: readonly DiagramRow[]): Actor[] =>
  ACTORS.filter((actor) => rows.some((row) => (row.kind === 'note' ? row.over === actor : row.from === actor || row.to === actor)))

/**
 * The rows of a diagram in reading order. A call is noted when its answer is there, so an inner call may stand before its outer one in the
 * trace: what a call caused (made by whom it went to, within its time) is put between its question and its answer.
 */
export function diagramRows(steps: readonly TraceStep[], { decisions = true, timings = true }: DiagramOptions = {}): DiagramRow[] {
  const shown = steps.filter((step) => decisions || step.kind === 'call')
  const causes = new Map<TraceStep, CallStep | undefined>()
  const children = new Map<CallStep | undefined, TraceStep[]>()
  for (const step of shown) {
    const candidate = causeOf(step, shown)
    // Calls that go round in a circle at one instant would otherwise be each other's cause, and be drawn nowhere.
    const cause = leadsTo(candidate, step, causes) ? undefined : candidate
    causes.set(step, cause)
    children.set(cause, [...(children.get(cause) ?? []), step])
  }
  const rowsUnder = (parent: CallStep | undefined): DiagramRow[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => a.at - b.at)
      .flatMap((step) => (step.kind === 'decision' ? [noteOf(step)] : rowsOf(step)))
  const rowsOf = (call: CallStep): DiagramRow[] => [
    { kind: 'call', from: call.from, to: call.to, text: call.what, tone: 'plain' },
    ...rowsUnder(call),
    { kind: 'reply', from: call.to, to: call.from, text: replyText(call, timings), tone: toneOf(call) },
  ]
  return rowsUnder(undefined)
}

/** Clocks of different precision meet in one trace. */
const TOLERANCE_MS = 2

function causeOf(step: TraceStep, all: readonly TraceStep[]): CallStep | undefined {
  const actor = step.kind === 'call' ? step.from : step.by
  const end = step.at + (step.kind === 'call' ? step.durationMs : 0)
  let best: CallStep | undefined
  for (const call of all) {
    if (call.kind !== 'call' || call === step || call.to !== actor) continue
    if (call.at > step.at + TOLERANCE_MS || call.at + call.durationMs < end - TOLERANCE_MS) continue
    if (!best || call.at > best.at || (call.at === best.at && call.durationMs < best.durationMs)) best = call
  }
  return best
}

function leadsTo(from: CallStep | undefined, step: TraceStep, causes: ReadonlyMap<TraceStep, CallStep | undefined>): boolean {
  for (let call = from; call !== undefined; call = causes.get(call)) if (call === step) return true
  return false
}

function noteOf({ by, name, outcome, reason, detail }: DecisionStep): DiagramRow {
  const why = [reason, detail].filter(Boolean).join(', ')
  const tone = outcome === 'fail' || outcome === 'undetermined' ? 'bad' : outcome === 'pass' ? 'good' : 'plain'
  return { kind: 'note', over: by, text: `${name}: ${outcome}${why ? ` (${why})` : ''}`, tone }
}

function replyText({ status, error, durationMs }: CallStep, timings: boolean): string {
  const what = status === undefined ? (error ?? 'no answer') : error ? `${status} ${error}` : String(status)
  return timings ? `${what} · ${formatMs(durationMs)}` : what
}

const toneOf = ({ status }: CallStep): DiagramTone => (status === undefined || status >= 400 ? 'bad' : status < 300 ? 'good' : 'plain')

const formatMs = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`)

/** Characters that mean something to Mermaid, as its `#…;` codes; line ends become spaces. */
function escapeMermaid(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').replace(/[#;<>"{}&\\`]/g, (character) => `#${character.codePointAt(0)};`)
}
