import type { ExchangeTrace } from '../trace/trace.js'

/** One registered application, as a client needs it. */
export interface StageClient {
  readonly client_id: string
  readonly client_secret: string
}

/**
 * Where the stories are played: a provider, a gateway and an echo upstream, in this process or in others.
 * Everything a story does beyond plain HTTP goes through here.
 */
export interface Stage {
  readonly issuer: string
  /** Origin of the gateway, without a trailing slash. */
  readonly gatewayUrl: string
  /** Origin of the echo upstream, as the gateway reaches it. */
  readonly upstreamUrl: string
  readonly clients: Readonly<Record<'m2m' | 'web' | 'introspector', StageClient>>
  readonly people: Readonly<Record<'alice' | 'bob', { readonly username: string; readonly password: string }>>
  /** Default audience of the provider's access tokens. */
  readonly audience: string
  /** Resources to ask tokens for (RFC 8707): one with another audience, one whose tokens are opaque. */
  readonly resources: { readonly other: string; readonly opaque: string }
  /** Sessions live in this Redis instead of the cookie (`redis://[user:password@]host:port[/db]`, `rediss://` for TLS). */
  readonly redis?: URL
  /** Makes a Kong document the gateway's configuration; resolves when it serves. */
  publish(document: string): Promise<void>
  allowRedirect(clientId: string, redirectUri: string): Promise<void>
  deactivate(clientId: string): Promise<void>
  activate(clientId: string): Promise<void>
  /** Calls each endpoint of the provider has answered so far. */
  counters(): Promise<Readonly<Record<string, number>>>
  /** Moves the gateway's clock away from real time; absent when the gateway is another process. */
  readonly shiftGatewayClock?: (seconds: number) => void
  /** What the gateway decided, newest last; absent when it is another process. */
  readonly traces?: () => readonly ExchangeTrace[]
}
