/** TLS facts for one request. PEM texts, never paths: the door reads files. */
export interface TlsOptions {
  /** Extra roots; *added* to the built-in ones. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Turns certificate verification off; said in every report. */
  readonly allowInvalidCertificate?: boolean
}

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  /** Sent as given; nothing but Host and framing is added. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** From start to the end of the body. Default 30,000. */
  readonly timeoutMs?: number
  /** Larger answers fail with `ERR_PROVIDER_RESPONSE`. Default 10 MiB. */
  readonly maxBodyBytes?: number
  readonly signal?: AbortSignal
  readonly tls?: TlsOptions
}

/** An answer, whole. Redirects are never followed: a 302 is an answer like any other. */
export interface HttpResponse {
  readonly status: number
  /** Lower-case names. A repeated field is an array only for `set-cookie` and `www-authenticate`; others are joined by `, `. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly durationMs: number
}

/** @throws {OidcgwError} `ERR_NETWORK`, `ERR_NETWORK_TIMEOUT`, `ERR_TLS`, `ERR_ABORTED`; any HTTP status is a value. */
export type RequestFunction = (request: HttpRequest) => Promise<HttpResponse>

export interface OutputStream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

export interface InputStream extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean | undefined
  /**
   * Only where somebody types: one line, typed or pasted, however long, and not echoed. Undefined at the end of input.
   * An abort gives the terminal back as it was and rejects.
   *
   * @param ask called once nothing is echoed any more: the moment to say what is wanted.
   */
  readonly readLine?: (ask: () => void, signal: AbortSignal) => Promise<string | undefined>
}

/** The outside world as one parameter. `bin` builds the real one, tests one made of memory. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly now: () => Date
  readonly request: RequestFunction
  /** Opens a URL in the person's browser; resolves when it was *asked* to, which says nothing about success. */
  readonly openBrowser: (url: string, command?: string) => Promise<void>
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
}
