import type { RequestPath } from '../http/path.js'

/** A request as the gateway judges it: one normalised path for routing, plugins and the upstream alike. */
export interface GatewayRequest {
  readonly method: string
  readonly path: RequestPath
  /** Raw query without `?`; empty when there is none. */
  readonly query: string
  /** Lower-case names. Repeated fields are joined by `, ` (cookies by `; `). Has no prototype. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** As received, name and value alternating. */
  readonly rawHeaders: readonly string[]
  readonly scheme: 'http' | 'https'
  /** Host as the client meant it, lower case, without port. */
  readonly host: string
  readonly port: number
  readonly remoteAddress: string
  /** DER of the client's certificate, when TLS asked for one. */
  readonly clientCertificate: Buffer | undefined
  /** Server name of the TLS handshake, lower case. */
  readonly sni: string | undefined
  /**
   * The whole body, read once, kept for the upstream. Undefined when there is none.
   * @throws {PayloadTooLarge} above the limit (1 MiB); the client then gets 413.
   */
  body(): Promise<Buffer | undefined>
}

/** A plugin asked for a body that is larger than plugins may hold in memory. Bodies that nobody reads are streamed and have no limit. */
export class PayloadTooLarge extends Error {
  override readonly name = 'PayloadTooLarge'

  constructor(limit: number) {
    super(`the request body is larger than the ${limit} bytes that plugins may read`)
  }
}

/** The client left, or sent less than it declared, before its body was whole. */
export class BodyIncomplete extends Error {
  override readonly name = 'BodyIncomplete'
}
