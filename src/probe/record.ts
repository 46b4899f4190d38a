import { maskKnown, redactForm, redactHeader, redactText } from '../http/redact.js'
import type { AssertionResult, Hop } from './expect/assertion.js'
import type { HeaderPair } from './request.js'

/** One request and its answer, fit to be shown and kept: masked, and small. */
export interface ExchangeRecord {
  readonly method: string
  readonly url: string
  readonly requestHeaders: readonly HeaderPair[]
  readonly status: number
  readonly statusMessage: string
  readonly responseHeaders: readonly HeaderPair[]
  /** The first 2,000 characters, as text. */
  readonly body: string
  readonly bodyBytes: number
  readonly firstByteMs: number
  readonly totalMs: number
}

/** Takes known secrets out of a text, beyond what looks like one anyway. */
export type Mask = (text: string) => string

const EXCERPT = 2000

/** A mask for the credentials of one run. */
export function createMask(secrets: Iterable<string>): Mask {
  const mask = maskKnown(secrets)
  return (text) => redactText(mask(text))
}

/** Fields whose names say that they carry a credential, whoever wrote them. */
const SECRET_CARRIER = /authorization|cookie|token|dpop|secret|key/i

/** The credentials of a request: what authorizing added to it, and what stands in fields made for that. Whole, after the scheme, and each cookie's. */
export function credentialsOf(before: readonly HeaderPair[], after: readonly HeaderPair[]): string[] {
  const known = new Set(before.map(([, value]) => value))
  return after
    .filter(([name, value]) => !known.has(value) || SECRET_CARRIER.test(name))
    .flatMap(([name, value]) => [
      value,
      value.replace(/^\S+ +/, ''),
      ...(name.toLowerCase() === 'cookie' ? value.split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1)) : []),
    ])
}

/** Assertions without these credentials in what was found. */
export function withoutSecrets(assertions: readonly AssertionResult[], secrets: readonly string[]): readonly AssertionResult[] {
  if (secrets.length === 0) return assertions
  const mask = maskKnown(secrets)
  return assertions.map((one) => {
    const actual = mask(one.actual)
    return actual === one.actual ? one : { ...one, actual }
  })
}

export function recordExchange({ request, answer }: Hop, mask: Mask = redactText): ExchangeRecord {
  const show = ([name, value]: HeaderPair): HeaderPair => [name, mask(redactHeader(name, value))]
  return {
    method: request.method,
    url: maskTarget(request.origin + request.path, mask),
    requestHeaders: request.headers.map(show),
    status: answer.status,
    statusMessage: answer.statusMessage,
    responseHeaders: answer.headers.map(show),
    body: mask(answer.body.subarray(0, EXCERPT * 4).toString('utf8')).slice(0, EXCERPT),
    bodyBytes: answer.bodyBytes,
    firstByteMs: answer.firstByteMs,
    totalMs: answer.totalMs,
  }
}

/** A URL with its path as sent: `redactUrl` would normalise it. */
export function maskTarget(url: string, mask: Mask = redactText): string {
  const at = url.indexOf('?')
  return mask(at < 0 ? url : `${url.slice(0, at)}?${redactForm(url.slice(at + 1))}`)
}
