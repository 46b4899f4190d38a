import { parseChallenges } from '../../http/challenge.js'
import type { ProbeResult } from '../../probe/result.js'
import { headerText, headerValues } from '../../probe/request.js'
import type { Actor, TraceStep } from '../../trace/trace.js'

/** The observed exchange of a case as steps for a sequence diagram. Only what the prober saw: nothing is guessed about the inside of the gateway. */
export function caseSteps({ exchanges, reachedUpstream, at }: ProbeResult): TraceStep[] {
  const gateway = exchanges[0] && originOf(exchanges[0].url)
  const from: Actor = exchanges.length > 1 ? 'browser' : 'client'
  let clock = at
  return exchanges.flatMap((exchange, index): TraceStep[] => {
    const to: Actor = originOf(exchange.url) === gateway ? 'gateway' : 'idp'
    const start = clock
    const end = (clock += exchange.totalMs)
    const what = `${exchange.method} ${exchange.url.slice(originOf(exchange.url).length) || '/'}`
    const call = {
      kind: 'call',
      from,
      to,
      what,
      purpose: 'request',
      status: exchange.status,
      at: start,
      durationMs: exchange.totalMs,
    } as const
    const why =
      headerText(exchange.responseHeaders, 'x-oidcgw-reason') ?? challengeText(headerValues(exchange.responseHeaders, 'www-authenticate'))
    return [
      call,
      ...(why === undefined ? [] : [{ kind: 'decision', by: to, name: 'challenge', outcome: 'fail', detail: why, at: end } as const]),
      ...(reachedUpstream && index === exchanges.length - 1
        ? [
            {
              kind: 'call',
              from: 'gateway',
              to: 'upstream',
              what: 'forwarded',
              purpose: 'upstream',
              status: exchange.status,
              at: start,
              durationMs: 0,
            } as const,
          ]
        : []),
    ]
  })
}

const originOf = (url: string): string => /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? ''

function challengeText(fields: readonly string[]): string | undefined {
  const [challenge] = parseChallenges(fields)
  return challenge && [challenge.scheme, challenge.parameters['error']].filter(Boolean).join(' ')
}
