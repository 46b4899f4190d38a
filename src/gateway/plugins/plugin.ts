import type { Consumer, KongConfig, Plugin as PluginEntity, Route, Service } from '../../kong/entities.js'
import type { ReasonCode } from '../../trace/reason.js'
import type { DecisionStep, TraceSink } from '../../trace/trace.js'
import type { GatewayRequest } from '../request.js'
import type { HeaderEdits } from '../header-edits.js'

/** An answer made by the gateway itself. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
  readonly reason?: ReasonCode
  /** Kong tells apart what a plugin says (compact JSON) from core errors (`body` is then the message of the template with request_id). Default false. */
  readonly core?: boolean
}

/** A step of the trace as a plugin states it; who decided and when is added. */
export type Decision = Pick<DecisionStep, 'name' | 'outcome' | 'reason' | 'detail'>

/** A virtual or real credential, as rate limiting and logs see it. */
export interface Credential {
  readonly id: string
}

/**
 * One request on its way through the plugins. The request is read-only; what shall change upstream or on the answer is *edits*,
 * applied by the pipeline after the last plugin, so that nothing half-changed is ever forwarded.
 */
export interface Exchange {
  readonly id: string
  readonly request: GatewayRequest
  readonly route: Route
  readonly service: Service | undefined
  readonly config: KongConfig
  /** Captures of the route's regex path, by position and by name. */
  readonly captures: Readonly<Record<string, string | undefined>> | undefined
  /** Edits to what the upstream receives (headers; hidden credentials also in query and body). */
  readonly upstream: HeaderEdits
  /** Set to send another raw query (without `?`) upstream than the client's; undefined leaves it as it is. */
  upstreamQuery: string | undefined
  /** Set to send another body upstream; its length is declared anew. Undefined leaves the client's. */
  upstreamBody: Buffer | undefined
  /** Edits to what the client receives, whoever answers. */
  readonly downstream: HeaderEdits
  consumer: Consumer | undefined
  credential: Credential | undefined
  /** Groups that a plugin vouches for (`authenticated_groups_claim`), in the order of the claim. */
  authenticatedGroups: readonly string[] | undefined
  /** Names of consumer groups that a plugin attached (`consumer_groups_claim`), beside those of the consumer itself. */
  consumerGroups: readonly string[] | undefined
  /** True when an anonymous consumer stands in. */
  anonymous: boolean
  /** Where calls to others are noted. */
  readonly trace: TraceSink
  /** Notes what was decided, now. */
  decide(decision: Decision): void
  now(): number
  /** What modules remember of this request: see `perExchange`. */
  [memory: symbol]: unknown
}

/** A plugin prepared for one configuration: created once when a document is published, closed when it is replaced. */
export interface PluginInstance {
  /** Undefined means: go on. A throw means the upstream sees nothing and the client a 500. */
  access(exchange: Exchange): Promise<Reply | undefined> | Reply | undefined
  /** Names (lower case, any spelling of `-`/`_`) of request headers that this instance sets: clients never get to send them. */
  readonly managedHeaders?: readonly string[]
  /**
   * Edits to an answer (the upstream's, or the gateway's own after this plugin), before it goes to the client.
   * @param received looks up a field as it came, by name in any case.
   */
  response?(exchange: Exchange, status: number, received: (name: string) => string | undefined): void
  close?(): Promise<void> | void
}

export interface Plugin {
  readonly name: string
  /** Kong's priority: larger runs first. */
  readonly priority: number
  create(entity: PluginEntity, services: PluginServices): PluginInstance
}

/** What the gateway lends to its plugins. */
export interface PluginServices {
  /** Milliseconds since the epoch. */
  now(): number
  readonly random: (bytes: number) => Buffer
  /** A line for the operator, secrets already masked. */
  readonly log: (level: 'info' | 'notice' | 'warn' | 'error', message: string) => void
  readonly provider: import('../provider/transport.js').ProviderTransport
  /** `--session-store memory`: sessions stay in this process whatever the document's `session_storage` says. */
  readonly sessionStore?: 'memory'
}
