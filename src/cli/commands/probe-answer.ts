import { parseChallenges } from '../../http/challenge.js'
import { redactHeader } from '../../http/redact.js'
import { describeFailure, type AssertionResult, type Hop } from '../../probe/expect/assertion.js'
import type { UpstreamView } from '../../probe/echo.js'
import { recordExchange, type ExchangeRecord, type Mask } from '../../probe/record.js'
import { headerText, headerValues } from '../../probe/request.js'
import type { CommandContext, SharedOptions } from '../context.js'

/** One answer, masked, as `--json` prints it. */
export interface AnswerDescription extends Record<string, unknown> {
  readonly schema: 'oidcgw/probe-answer/v1'
  readonly identity: string
  readonly exchange: ExchangeRecord
  readonly challenges: readonly { readonly scheme: string; readonly parameters: Readonly<Record<string, string>> }[]
  /** The local gateway's own word for why, when it was asked to send one. */
  readonly reason?: string
  readonly upstream?: UpstreamView
  readonly assertions: readonly AssertionResult[]
}

export interface Answered {
  readonly hop: Hop
  readonly identity: string
  readonly upstream: UpstreamView | undefined
  readonly assertions: readonly AssertionResult[]
  readonly mask: Mask
}

export function describeAnswer({ hop, identity, upstream, assertions, mask }: Answered): AnswerDescription {
  const { headers } = hop.answer
  const reason = headerText(headers, 'x-oidcgw-reason')
  return {
    schema: 'oidcgw/probe-answer/v1',
    identity,
    exchange: recordExchange(hop, mask),
    challenges: parseChallenges(headerValues(headers, 'www-authenticate').map(mask)),
    ...(reason !== undefined && { reason }),
    ...(upstream && { upstream: maskUpstream(upstream, mask) }),
    assertions,
  }
}

function maskUpstream(view: UpstreamView, mask: Mask): UpstreamView {
  const headers = Object.entries(view.headers).map(([name, value]) => [name, mask(redactHeader(name, value))])
  return { ...view, headers: Object.fromEntries(headers) as Record<string, string>, ...(view.url !== undefined && { url: mask(view.url) }) }
}

const IMPORTANT = ['location', 'www-authenticate', 'set-cookie', 'content-type', 'retry-after', 'allow', 'via', 'server']

/** The answer for people: status first, then what explains it. The body is shown only with `-v`. */
export function writeAnswer(
  description: AnswerDescription,
  { host, out, err }: CommandContext,
  { quiet, verbose = 0 }: SharedOptions,
): void {
  const { exchange, challenges, reason, upstream, assertions, identity } = description
  const line = (text: string): void => void host.stdout.write(`${text}\n`)
  const field = (name: string, value: string): void => line(`  ${out.key(name)}: ${value}`)
  const look = exchange.status < 300 ? out.good : exchange.status < 400 ? out.warn : out.bad
  line(`${look(out.strong(String(exchange.status)))} ${exchange.statusMessage}`.trim())
  for (const assertion of assertions) {
    if (assertion.outcome === 'fail')
      host.stderr.write(`oidcgw: ${err.bad(describeFailure(assertion))}
`)
  }
  if (quiet) return
  if (reason !== undefined) field('reason', reason)
  const shown = exchange.responseHeaders.filter(([name]) => verbose > 0 || IMPORTANT.includes(name.toLowerCase()))
  for (const [name, value] of shown) if (name.toLowerCase() !== 'www-authenticate') field(name.toLowerCase(), value)
  for (const { scheme, parameters } of challenges) {
    const facts = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
    field('challenge', [scheme, ...facts].join('  '))
  }
  field('time', `${exchange.firstByteMs.toFixed(1)} ms to the first byte, ${exchange.totalMs.toFixed(1)} ms in all`)
  if (upstream) {
    line(out.dim(`The upstream received${upstream.method ? ` ${upstream.method} ${upstream.url ?? ''}` : ''}:`))
    for (const [name, value] of Object.entries(upstream.headers)) field(name, value)
  }
  if (verbose > 0 && exchange.body) line(`\n${exchange.body}`)
  if (verbose > 0) {
    host.stderr.write(`> ${exchange.method} ${exchange.url} (as ${identity})\n`)
    for (const [name, value] of exchange.requestHeaders) host.stderr.write(`> ${name}: ${value}\n`)
  }
}
