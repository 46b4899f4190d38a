import { randomBytes } from 'node:crypto'
import { OidcgwError } from '../errors.js'
import { redactText } from '../http/redact.js'
import type { KongConfig } from '../kong/entities.js'
import type { ExchangeTrace } from '../trace/trace.js'
import type { KeyPair } from './certificates.js'
import { createGeneration, type Generation } from './generation.js'
import { handle } from './pipeline.js'
import { PLUGINS } from './plugins/index.js'
import type { Plugin, PluginServices } from './plugins/plugin.js'
import { providerRegistry, type ProviderRegistry } from './provider/registry.js'
import { createProviderTransport, type ProviderTransportOptions } from './provider/undici-transport.js'
import { createRequestIds } from './request-id.js'
import type { RouterFlavor } from './router/priority.js'
import { closeServer, createHardenedServer, createHardenedTlsServer, listen, urlOf, type RequestHandler } from './server.js'
import { TraceRing } from './trace-ring.js'

export interface GatewayOptions {
  readonly config: KongConfig
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Milliseconds since the epoch. Default the real clock. */
  readonly now?: () => number
  /** Further plugins, or others under known names. */
  readonly plugins?: Readonly<Record<string, Plugin>>
  /** Called with the trace of each request when its answer is over. */
  readonly onTrace?: (trace: ExchangeTrace) => void
  /** How many traces stay to be read from {@link Gateway.traces}. Default 1,000. Each lives through several collections: 0 is faster. */
  readonly tracesKept?: number
  /** Lines for the operator, secrets masked. */
  readonly log?: PluginServices['log']
  readonly provider?: Omit<ProviderTransportOptions, 'now'>
  /** `memory` keeps sessions in this process, whatever the document says. */
  readonly sessionStore?: 'memory'
  /** Adds `X-Oidcgw-Reason` to refusals. Default false: Kong has no such header. */
  readonly reasonHeader?: boolean
  readonly routerFlavor?: RouterFlavor
  /** A second listener, over TLS. Certificates are the document's, by server name; `keyPair` is for everybody else. */
  readonly tls?: { readonly port: number; readonly keyPair?: KeyPair }
}

export interface Gateway {
  /** `http://127.0.0.1:PORT`, no slash at the end. */
  readonly url: string
  /** `https://127.0.0.1:PORT` of the TLS listener, when there is one. */
  readonly secureUrl: string | undefined
  /** The document being served. */
  readonly config: KongConfig
  /** The last `tracesKept` traces, oldest first. */
  readonly traces: readonly ExchangeTrace[]
  /** Plugins that the served document configures and that are not imitated. */
  readonly notImitated: readonly string[]
  /** Sockets to upstreams open now. */
  readonly upstreamSockets: number
  /** What is known about providers, and the gateway's own signing key. */
  readonly providers: ProviderRegistry
  /**
   * Serves another document from the next request on. Requests under way finish with the old one, whose plugins are closed after them.
   * @throws when the document cannot be prepared: the old one stays.
   */
  publish(config: KongConfig): Promise<void>
  /** Stops listening, ends idle connections at once and others when their answer is over, at the latest after two seconds. */
  close(): Promise<void>
}

const TRACES_KEPT = 1_000

function traceReceiver(ring: TraceRing, { onTrace, tracesKept }: GatewayOptions): ((trace: ExchangeTrace) => void) | undefined {
  if (tracesKept === 0) return onTrace
  return (trace) => {
    ring.add(trace)
    onTrace?.(trace)
  }
}

/**
 * Starts the local gateway.
 * @throws {OidcgwError} `ERR_PORT_BUSY`; `ERR_CONFIG_INVALID` when the document cannot be prepared.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host = '127.0.0.1', port = 0, now = Date.now, reasonHeader = false } = options
  const log: PluginServices['log'] = (level, message) => options.log?.(level, redactText(message))
  const provider = createProviderTransport({ ...options.provider, now })
  const services: PluginServices = {
    now,
    random: randomBytes,
    log,
    provider,
    ...(options.sessionStore && { sessionStore: options.sessionStore }),
  }
  const prepare = (config: KongConfig): Generation =>
    createGeneration(config, {
      table: { ...PLUGINS, ...options.plugins },
      services,
      flavor: options.routerFlavor ?? 'traditional_compatible',
      keyPair: options.tls?.keyPair,
    })
  const ring = new TraceRing(options.tracesKept ?? TRACES_KEPT)
  let generation = prepare(options.config)
  const retiring = new Set<Promise<void>>()

  const context = {
    generation: () => generation,
    nextRequestId: createRequestIds(),
    now,
    reasonHeader,
    onTrace: traceReceiver(ring, options),
    onFault(requestId: string, error: unknown) {
      log('error', `request ${requestId}: ${error instanceof Error ? error.message : String(error)}`)
    },
  }
  const handler: RequestHandler = (message, response) => void handle(message, response, context)
  const server = createHardenedServer(handler)
  const secure = options.tls && createHardenedTlsServer(handler, (name) => generation.certificates.select(name))
  const { fallback } = generation.certificates
  if (secure && !fallback) {
    await generation.close()
    throw new OidcgwError('ERR_CONFIG_INVALID', 'a TLS listener needs a certificate, and there is none', {
      hint: 'Give the document a certificate, or pass one with --tls-cert and --tls-key',
    })
  }
  if (fallback) secure?.setSecureContext(fallback)
  const stop = async (): Promise<void> => {
    await Promise.all([closeServer(server), secure && closeServer(secure)])
    await Promise.all([generation.close(), ...retiring])
    await provider.close()
  }
  const [address, secureAddress] = await Promise.all([listen(server, port, host), secure && listen(secure, options.tls.port, host)]).catch(
    async (error: unknown) => {
      await stop()
      throw error
    },
  )

  return {
    url: urlOf(address),
    secureUrl: secureAddress && urlOf(secureAddress, 'https'),
    get config() {
      return generation.config
    },
    get traces() {
      return ring.values()
    },
    get notImitated() {
      return generation.plugins.notImitated
    },
    get upstreamSockets() {
      return generation.pools.connected()
    },
    providers: providerRegistry(provider),
    async publish(config) {
      const next = prepare(config)
      const old = generation
      generation = next
      if (next.certificates.fallback) secure?.setSecureContext(next.certificates.fallback)
      const retired = old.retire().finally(() => retiring.delete(retired))
      retiring.add(retired)
    },
    close: stop,
  }
}
