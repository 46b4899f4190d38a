import { readCompactJwt } from './compact.js'
import type { PastedToken } from './paste.js'
import type { JsonObject } from './types.js'

export type TokenForm = 'jws' | 'jwe' | 'sd-jwt' | 'jws-json' | 'jwe-json' | 'opaque'

/** One signature of a JSON serialization (RFC 7515 §7.2). */
export interface JsonSignature {
  readonly protected: JsonObject | undefined
  readonly header: JsonObject | undefined
  readonly signature: Buffer
}

/** A token as far as it can be read, for people: lenient where a verifier is not, and saying so in `problem`. Nothing is verified. */
export interface TokenReading {
  readonly form: TokenForm
  readonly token: string
  readonly source: string | undefined
  readonly stripped: readonly string[]
  readonly header: JsonObject | undefined
  /** Claims; undefined when encrypted, opaque or no JSON object. */
  readonly payload: JsonObject | undefined
  /** Bytes of the payload where there are any. */
  readonly payloadBytes: Buffer | undefined
  readonly signature: Buffer | undefined
  /** Why a verifier would not even look at it. */
  readonly problem: string | undefined
  /** Texts after the `~` of an SD-JWT (RFC 9901). */
  readonly disclosures: readonly string[]
  readonly signatures: readonly JsonSignature[]
}

/** Reads whatever was pasted. */
export function readToken({ token, source, stripped }: PastedToken): TokenReading {
  const base = { token, source, stripped, disclosures: [], signatures: [] }
  if (token.startsWith('{')) return { ...base, ...readJsonSerialization(token) }
  const [compact = '', ...disclosures] = token.split('~')
  const parts = compact.split('.', 10)
  const header = jsonObject(lenientBytes(parts[0] ?? ''))
  if (parts.length < 2 || header === undefined) {
    return {
      ...base,
      form: 'opaque',
      header: undefined,
      payload: undefined,
      payloadBytes: undefined,
      signature: undefined,
      problem: readCompactJwt(compact).problem,
    }
  }
  if (parts.length === 5) {
    return { ...base, form: 'jwe', header, payload: undefined, payloadBytes: undefined, signature: undefined, problem: undefined }
  }
  const payloadBytes = lenientBytes(parts[1] ?? '')
  return {
    ...base,
    form: disclosures.length > 0 ? 'sd-jwt' : 'jws',
    header,
    payload: jsonObject(payloadBytes),
    payloadBytes,
    signature: parts[2] === undefined ? undefined : lenientBytes(parts[2]),
    problem: readCompactJwt(compact).problem,
    disclosures: disclosures.filter((text) => text !== ''),
  }
}

type JsonReading = Pick<TokenReading, 'form' | 'header' | 'payload' | 'payloadBytes' | 'signature' | 'problem' | 'signatures'>

function readJsonSerialization(text: string): JsonReading {
  const value = jsonObject(Buffer.from(text))
  const unread = { header: undefined, payload: undefined, payloadBytes: undefined, signature: undefined, signatures: [] }
  if (!value) return { ...unread, form: 'opaque', problem: 'it is no JSON' }
  const headerOf = (part: JsonObject): JsonObject | undefined =>
    textMember(part, 'protected', (encoded) => jsonObject(lenientBytes(encoded)))
  if (typeof value['ciphertext'] === 'string') {
    return { ...unread, form: 'jwe-json', header: headerOf(value) ?? objectMember(value, 'unprotected'), problem: undefined }
  }
  const listed = Array.isArray(value['signatures']) ? (value['signatures'] as readonly JsonObject[]) : [value]
  const signatures = listed.map((part): JsonSignature => {
    return {
      protected: headerOf(part),
      header: objectMember(part, 'header'),
      signature: textMember(part, 'signature', lenientBytes) ?? Buffer.alloc(0),
    }
  })
  const payloadBytes = textMember(value, 'payload', lenientBytes)
  if (!payloadBytes) return { ...unread, form: 'opaque', problem: 'it is JSON, but holds no token' }
  const first = signatures[0]
  return {
    form: 'jws-json',
    header: { ...first?.header, ...first?.protected },
    payload: jsonObject(payloadBytes),
    payloadBytes,
    signature: first?.signature,
    problem: undefined,
    signatures,
  }
}

function textMember<T>(value: JsonObject, name: string, read: (text: string) => T): T | undefined {
  const text = value[name]
  return typeof text === 'string' ? read(text) : undefined
}

function objectMember(value: JsonObject, name: string): JsonObject | undefined {
  const member = value[name]
  return typeof member === 'object' && member !== null && !Array.isArray(member) ? (member as JsonObject) : undefined
}

/** Node's own reading of base64: either alphabet, padding or not. For showing only. */
const lenientBytes = (text: string): Buffer => Buffer.from(text, 'base64url')

/** The JSON object in some bytes, duplicates and all. For showing only. */
export function jsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    ) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
