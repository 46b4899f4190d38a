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
  /**
   * The whole body, read once, kept for the upstream. Undefined when there is none.
   * @throws {PayloadTooLarge} above the limit.
   */
  body(): Promise<Buffer | undefined>
}
