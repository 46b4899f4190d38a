import { HOP_BY_HOP, connectionOptions } from '../../http/hop-by-hop.js'
import type { HeaderEdits } from '../header-edits.js'
import { VIA } from '../server-name.js'

/** What a proxied answer says about the gateway. Milliseconds. */
export interface ProxyFacts {
  readonly requestId: string
  readonly upstreamLatencyMs: number
  readonly proxyLatencyMs: number
  readonly edits: HeaderEdits
  readonly closes: boolean
}

/**
 * Fields of an upstream's answer for the client: as sent, octet for octet, less what belongs to the upstream's connection (G-40),
 * with the plugins' edits and the gateway's own fields (section 6.4).
 * @param raw alternating names and values as undici's parser saw them.
 */
export function responseHeaders(raw: readonly Buffer[], facts: ProxyFacts): string[] {
  const fields: string[] = []
  const { edits } = facts
  let connection: string | undefined
  let via: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as Buffer).toString('latin1')
    const value = (raw[index + 1] as Buffer).toString('latin1')
    const key = name.toLowerCase()
    if (key === 'connection') connection = connection === undefined ? value : `${connection}, ${value}`
    else if (key === 'via') via = via === undefined ? value : `${via}, ${value}`
    else if (!HOP_BY_HOP.has(key) && !edits.removes(key)) fields.push(name, value)
  }
  const oneHop = connectionOptions(connection)
  const kept = oneHop ? withoutNames(fields, oneHop) : fields
  kept.push('X-Kong-Upstream-Latency', String(facts.upstreamLatencyMs), 'X-Kong-Proxy-Latency', String(facts.proxyLatencyMs))
  kept.push('Via', via === undefined ? VIA : `${via}, ${VIA}`, 'X-Kong-Request-Id', facts.requestId)
  if (facts.closes) kept.push('Connection', 'close')
  edits.writeTo(kept)
  return kept
}

function withoutNames(fields: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] as string
    if (!names.has(name.toLowerCase())) kept.push(name, fields[index + 1] as string)
  }
  return kept
}

/** A field as the upstream sent it, repeated ones joined; undefined when it did not. */
export function receivedField(raw: readonly Buffer[], name: string): string | undefined {
  const wanted = name.toLowerCase()
  let found: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    if ((raw[index] as Buffer).toString('latin1').toLowerCase() !== wanted) continue
    const value = (raw[index + 1] as Buffer).toString('latin1')
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}
