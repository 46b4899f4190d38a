import { borrowBase64url, decodeBase64url } from './base64url.js'
import { parseJsonObject } from './strict-json.js'
import type { DecodedJwt, JsonObject } from './types.js'

/** A compact JWS taken apart; its payload may be any bytes. */
export interface CompactJws {
  readonly header: JsonObject
  readonly payloadBytes: Buffer
  readonly signature: Buffer
  readonly signingInput: string
  readonly token: string
}

export type Reading<T> = { readonly value: T; readonly problem?: undefined } | { readonly problem: string; readonly value?: undefined }

export interface ReadOptions {
  /** Longer tokens are refused before any work. The gateway sets 16,384; no limit when absent. */
  readonly maxBytes?: number
}

/**
 * Takes a compact JWS apart without believing anything in it. Problems are values: the hot path throws nothing.
 * @see RFC 7515 §5.2, §7.1
 */
export const readCompactJws = (token: string, options: ReadOptions = {}): Reading<CompactJws> => takeApart(token, options, decodeBase64url)

function takeApart(token: string, { maxBytes }: ReadOptions, decode: typeof decodeBase64url): Reading<CompactJws> {
  if (maxBytes !== undefined && token.length > maxBytes) return { problem: `it is longer than ${maxBytes} bytes` }
  const firstDot = token.indexOf('.')
  const secondDot = token.indexOf('.', firstDot + 1)
  if (firstDot < 0 || secondDot < 0 || token.includes('.', secondDot + 1)) return { problem: describePartCount(token) }
  const header = readHeader(token.slice(0, firstDot))
  if (header.problem !== undefined) return header
  const payloadBytes = decode(token.slice(firstDot + 1, secondDot))
  if (!payloadBytes) return { problem: 'its payload is not canonical base64url' }
  const signature = decodeBase64url(token.slice(secondDot + 1))
  if (!signature) return { problem: 'its signature is not canonical base64url' }
  return { value: { header: header.value, payloadBytes, signature, signingInput: token.slice(0, secondDot), token } }
}

/** The tokens of one issuer share their header to the letter: the last one read is kept. A memo of a pure function, its value frozen. */
let lastHeader: { readonly text: string; readonly value: JsonObject } | undefined

function readHeader(text: string): Reading<JsonObject> {
  if (lastHeader?.text === text) return lastHeader
  const bytes = decodeBase64url(text)
  if (!bytes) return { problem: 'its header is not canonical base64url' }
  const header = parseJsonObject(bytes)
  if ('problem' in header) return { problem: `its header ${header.problem}` }
  if (text.length <= 1024) lastHeader = { text, value: freeze(header.value) }
  return header
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

/** The same for a JWT, whose payload is a JSON object (RFC 7519 §7.2). */
export function readCompactJwt(token: string, options: ReadOptions = {}): Reading<DecodedJwt> {
  const { value: jws, problem } = takeApart(token, options, borrowBase64url)
  if (problem !== undefined) return { problem }
  const payload = parseJsonObject(jws.payloadBytes)
  if ('problem' in payload) return { problem: `its payload ${payload.problem}` }
  const { header, signature, signingInput } = jws
  return { value: { header, payload: payload.value, signature, signingInput, token } }
}

function describePartCount(token: string): string {
  const parts = countParts(token)
  if (parts === 5) return 'it has five parts: an encrypted token (JWE), whose claims only its recipient can read'
  if (parts === 1) return 'it has no dots: an opaque token, or no token at all'
  return `it has ${parts > 9 ? 'more than nine' : parts} parts where a signed token has three`
}

/** Counts no further than ten: a text of a million dots costs nothing. */
function countParts(token: string): number {
  let parts = 1
  for (let at = token.indexOf('.'); at >= 0 && parts < 10; at = token.indexOf('.', at + 1)) parts++
  return parts
}
