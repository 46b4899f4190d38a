import { redactForm, redactHeader, redactText } from '../http/redact.js'
import type { Hop } from './expect/assertion.js'
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

/** A mask for the credentials of one run. Short ones are left alone: they would tear ordinary words apart. */
export function createMask(secrets: Iterable<string>): Mask {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= 8).toSorted((a, b) => b.length - a.length)
  return (text) => redactText(known.reduce((shown, secret) => shown.replaceAll(secret, '[masked]'), text))
}

/** The credentials that authorizing added to a request: whole field values, and what follows the scheme. */
export function addedSecrets(before: readonly HeaderPair[], after: readonly HeaderPair[]): string[] {
  const known = new Set(before.map(([, value]) => value))
  return after.filter(([, value]) => !known.has(value)).flatMap(([, value]) => [value, value.replace(/^\S+ +/, '')])
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
