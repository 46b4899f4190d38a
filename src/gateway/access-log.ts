import { redactText } from '../http/redact.js'
import type { CallStep, ExchangeTrace } from '../trace/trace.js'

/** One line of the access log: what a request was and how it ended, without its steps. Secrets masked. */
export function formatAccess(trace: ExchangeTrace): string {
  const calls = trace.steps.filter((step): step is CallStep => step.kind === 'call')
  const upstream = calls.find(({ to }) => to === 'upstream')
  const provider = calls.filter(({ to }) => to === 'idp')
  const line = {
    schema: 'oidcgw/access/v1',
    time: new Date(trace.at).toISOString(),
    id: trace.id,
    method: trace.method,
    path: trace.path,
    status: trace.status,
    duration_ms: round(trace.durationMs),
    route: trace.route ?? null,
    service: trace.service ?? null,
    consumer: trace.consumer ?? null,
    reason: trace.reason ?? null,
    upstream_status: upstream?.status ?? null,
    upstream_ms: upstream ? round(upstream.durationMs) : null,
    idp_calls: provider.length,
    idp_ms: round(provider.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  }
  return redactText(JSON.stringify(line))
}

const round = (milliseconds: number): number => Math.round(milliseconds * 10) / 10
