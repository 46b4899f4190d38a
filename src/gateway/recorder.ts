import { MASKED } from '../http/redact.js'
import type { ReasonCode } from '../trace/reason.js'
import type { DecisionStep, ExchangeTrace, TraceSink, TraceStep } from '../trace/trace.js'
import type { Outcome } from './pipeline.js'
import type { Exchange } from './plugins/plugin.js'

/** Collects what happens to one request, until its trace is finished. */
export class Recorder {
  readonly id: string
  readonly at: number
  readonly started: number
  readonly steps: TraceStep[] = []
  readonly sink: TraceSink

  constructor(id: string, at: number) {
    this.id = id
    this.at = at
    this.started = performance.now()
    this.sink = collectInto(this.steps)
  }

  /** Milliseconds since the request came. */
  elapsedMs(): number {
    return performance.now() - this.started
  }

  /** Notes a decision of the gateway itself. */
  decide(name: string, outcome: DecisionStep['outcome'], at: number, reason: ReasonCode, detail: string): void {
    this.steps.push({ kind: 'decision', by: 'gateway', name, outcome, reason, detail, at })
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

const collectInto =
  (steps: TraceStep[]): TraceSink =>
  (step) =>
    void steps.push(step)

/** Path and query as a trace may show them: the names of the parameters, none of the values. */
export const shownTarget = (path: string, query: string): string =>
  query === '' ? path : `${path}?${query.replace(/=[^&]*/g, `=${MASKED}`)}`
