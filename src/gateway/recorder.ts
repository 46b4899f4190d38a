import { MASKED } from '../http/redact.js'
import type { ExchangeTrace, TraceSink, TraceStep } from '../trace/trace.js'
import type { Outcome } from './pipeline.js'
import type { Decision, Exchange } from './plugins/plugin.js'

/** Collects what happens to one request, until its trace is finished. */
export class Recorder {
  readonly id: string
  readonly at: number
  readonly started: number
  readonly steps: TraceStep[] = []
  readonly sink: TraceSink
  readonly #now: () => number
  readonly #isWanted: boolean

  /** @param isWanted whether anybody reads the trace; else steps are not even kept. */
  constructor(id: string, now: () => number, isWanted: boolean) {
    this.id = id
    this.at = now()
    this.started = performance.now()
    this.#now = now
    this.#isWanted = isWanted
    this.sink = isWanted ? collectInto(this.steps) : ignore
  }

  /** Milliseconds since the request came. */
  elapsedMs(): number {
    return performance.now() - this.started
  }

  /** Notes a decision of the gateway, now. */
  decide(decision: Decision): void {
    if (this.#isWanted) this.steps.push({ kind: 'decision', by: 'gateway', ...decision, at: this.#now() })
  }

  finish(method: string, target: string, { status, reason }: Outcome, exchange: Exchange | undefined): ExchangeTrace {
    const route = exchange && (exchange.route.name ?? exchange.route.id)
    const service = exchange?.service && (exchange.service.name ?? exchange.service.id)
    const consumer = exchange?.consumer && (exchange.consumer.username ?? exchange.consumer.id)
    return {
      id: this.id,
      at: this.at,
      method,
      path: target,
      ...(route !== undefined && { route }),
      ...(service !== undefined && { service }),
      ...(consumer !== undefined && { consumer }),
      status,
      ...(reason !== undefined && { reason }),
      durationMs: this.elapsedMs(),
      steps: this.steps,
    }
  }
}

const ignore: TraceSink = () => undefined

const collectInto =
  (steps: TraceStep[]): TraceSink =>
  (step) =>
    void steps.push(step)

/** Path and query as a trace may show them: the names of the parameters, none of the values. */
export const shownTarget = (path: string, query: string): string =>
  query === '' ? path : `${path}?${query.replace(/=[^&]*/g, `=${MASKED}`)}`
