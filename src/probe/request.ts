import { OidcgwError } from '../errors.js'

export type HeaderPair = readonly [name: string, value: string]

/** One request as it goes on the wire. Nothing is normalised: a gateway must be shown exactly what was written. */
export interface ProbeRequest {
  readonly method: string
  /** `http://127.0.0.1:8000`, without a path. */
  readonly origin: string
  /** Path and query as sent, dot segments and odd escapes included. Starts with `/`. */
  readonly path: string
  /** In order, names as written; the same name may come twice. */
  readonly headers: readonly HeaderPair[]
  readonly body?: string | Uint8Array
}

/** What came back, whole. Redirects are answers like any other. */
export interface ProbeAnswer {
  readonly status: number
  readonly statusMessage: string
  /** As received, in order, names as sent. */
  readonly headers: readonly HeaderPair[]
  /** The first `maxBodyBytes`; the rest was read and dropped. */
  readonly body: Buffer
  readonly bodyBytes: number
  /** From sending to the status line, milliseconds. Connecting counts for the first request on a connection. */
  readonly firstByteMs: number
  /** From sending to the end of the body, milliseconds. */
  readonly totalMs: number
  readonly certificate?: PeerCertificateFacts
}

/** What a TLS server showed of itself. */
export interface PeerCertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly subjectAltNames: readonly string[]
  readonly validFrom: Date
  readonly validTo: Date
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint256: string
  readonly protocol: string | undefined
  /** Whether it passed verification; false only under `--insecure`. */
  readonly authorized: boolean
}

/**
 * Splits a URL text without touching its path: `new URL` would resolve dot segments and re-encode, and so hide what is being tested.
 * The fragment is dropped, an empty path becomes `/`.
 * @throws {OidcgwError} `ERR_USAGE` when it is no absolute http(s) URL or its path holds a character that no request line may hold.
 */
export function splitUrl(text: string): { readonly origin: string; readonly path: string } {
  const match = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(text)
  const origin = match?.[1] && URL.canParse(match[1]) ? new URL(match[1]) : undefined
  if (!match || !origin) {
    throw new OidcgwError('ERR_USAGE', `"${text}" is no http or https URL`, {
      hint: 'Write it as http://127.0.0.1:8000/path, or as /path with a gateway in oidcgw.yaml',
    })
  }
  if (origin.username || origin.password) {
    throw new OidcgwError('ERR_USAGE', 'credentials do not belong into a URL', { hint: 'Use --as basic:USER:env:NAME' })
  }
  const path = match[2] ?? ''
  return { origin: origin.origin, path: checkPath(path.startsWith('/') ? path : `/${path}`) }
}

/** A path that may stand in a request line. @throws {OidcgwError} `ERR_USAGE` for spaces, control characters and anything beyond Latin-1. */
export function checkPath(path: string): string {
  const bad = /[^\u0021-\u00ff]/.exec(path)?.[0]
  if (bad === undefined) return path
  throw new OidcgwError('ERR_USAGE', `the path "${path}" holds ${JSON.stringify(bad)}, which no request line may hold`, {
    hint: `Write it as ${encodeURIComponent(bad)}`,
  })
}

/** The values of a field, in order; names are compared without case. */
export function headerValues(headers: readonly HeaderPair[], name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value)
}

/** A field as one text: repeated ones joined by `, ` (RFC 9110 §5.3); undefined when it is not there. */
export function headerText(headers: readonly HeaderPair[], name: string): string | undefined {
  const values = headerValues(headers, name)
  return values.length === 0 ? undefined : values.join(', ')
}

/** The headers with one replaced (or added at the end). */
export function withHeader(headers: readonly HeaderPair[], name: string, value: string): HeaderPair[] {
  const wanted = name.toLowerCase()
  return [...headers.filter(([candidate]) => candidate.toLowerCase() !== wanted), [name, value]]
}

/** `Name: value` as curl writes it. @throws {OidcgwError} `ERR_USAGE` for anything no header field may be. */
export function parseHeaderLine(line: string): HeaderPair {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*)$/.exec(line)
  if (!match?.[1])
    throw new OidcgwError('ERR_USAGE', `--header: "${line.split(':')[0]}" is no header`, { hint: 'Write it as "Name: value"' })
  return [match[1], (match[2] ?? '').trimEnd()]
}
