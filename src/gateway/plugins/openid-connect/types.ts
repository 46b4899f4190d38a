import type { JsonObject } from '../../../jwt/types.js'
import type { AuthMethodName, OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { ReasonCode } from '../../../trace/reason.js'
import type { Provider } from '../../provider/provider.js'
import type { Exchange, PluginServices, Reply } from '../plugin.js'

/** Tokens as one method obtained them; wire names. */
export interface Tokens {
  readonly access_token?: string
  readonly id_token?: string
  readonly refresh_token?: string
  readonly token_type?: string
  readonly scope?: string
  /** Seconds since the epoch when the access token ends: its `exp`, else the response's `expires_in`. */
  readonly expires_at?: number
}

/** Where a credential was found, so that `hide_credentials` can take it away there. */
export type CredentialSource =
  { readonly in: 'header'; readonly name: string } | { readonly in: 'query' | 'body' | 'cookie'; readonly names: readonly string[] }

/** Who the request speaks for, with every claim source the later steps may search. All claims in here are verified (or came from the provider itself). */
export interface Principal {
  readonly method: AuthMethodName
  readonly tokens: Tokens
  /** The token response as received; known to the request that obtained it, and never kept (`login_tokens: [tokens]`). */
  readonly tokenResponse?: JsonObject
  /** Claims of the access token, when it is a JWT. */
  readonly accessTokenClaims?: JsonObject
  readonly idTokenClaims?: JsonObject
  readonly introspection?: JsonObject
  /** The raw answer when introspection was asked for as a JWT. */
  readonly introspectionJwt?: string
  readonly userinfo?: JsonObject
  readonly userinfoJwt?: string
  /** JWKs that verified the tokens, for `*_jwk_header`. */
  readonly accessTokenJwk?: JsonObject
  readonly idTokenJwk?: JsonObject
  readonly source?: CredentialSource
  /** Index of the configured client in use (`client_arg`). */
  readonly clientIndex: number
  /** The session this principal came from, when it did. */
  readonly session?: Session
}

/** What a method says. An exception means a bug; everything that can happen is one of these. */
export type AuthOutcome =
  /** Not my credential: ask the next method. `reason`: there was one once, a session that has ended. */
  | { readonly kind: 'absent'; readonly reason?: ReasonCode }
  | { readonly kind: 'accepted'; readonly principal: Principal; readonly login?: LoginContext }
  /** `fallthrough`: a later method of the fixed order may still try (U29, Basic for password then client_credentials). */
  | { readonly kind: 'rejected'; readonly reason: ReasonCode; readonly detail?: string; readonly fallthrough: boolean }
  /** The provider or the store could not be asked. */
  | { readonly kind: 'undetermined'; readonly reason: ReasonCode; readonly detail?: string; readonly cause?: unknown }
  /** The method answers itself: a redirect to the provider. */
  | { readonly kind: 'reply'; readonly reply: Reply }

/** What the code flow remembered from the first request, for `login_action`. */
export interface LoginContext {
  /** The URL first asked for: path and query, same origin. */
  readonly originalUrl: string
}

/** An answer that is there at once when nobody has to be asked: the hot path waits for nothing. */
export type Eventually<Value> = Value | Promise<Value>

/** What the methods of one plugin instance share. */
export interface OidcContext {
  readonly config: OpenIdConnectConfig
  readonly provider: Provider
  readonly sessions: SessionManager
  readonly services: PluginServices
  /** State of single modules: see `perInstance`. */
  [state: symbol]: unknown
}

/** One way to authenticate, one file in `methods/`. */
export interface AuthMethod {
  readonly name: AuthMethodName
  authenticate(exchange: Exchange, context: OidcContext): Eventually<AuthOutcome>
}

/** What a session keeps. Never leaves the gateway unsealed. */
export interface SessionData {
  readonly method: AuthMethodName
  readonly tokens: Tokens
  readonly subject?: string
  readonly idTokenClaims?: JsonObject
  readonly accessTokenClaims?: JsonObject
  readonly introspection?: JsonObject
  readonly userinfo?: JsonObject
  readonly clientIndex: number
}

/** A live session of this request. Seconds since the epoch throughout. */
export interface Session {
  /** base64url, 256 bits. */
  readonly id: string
  readonly data: SessionData
  readonly createdAt: number
  /** Start of this generation (the rolling timeout counts from here). */
  readonly rolledAt: number
  readonly idleSince: number
}

export type OpenedSession =
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'absent'; readonly reason?: ReasonCode }
  /** The store could not be asked: 503, and the cookie is kept. */
  | { readonly kind: 'undetermined'; readonly reason: ReasonCode; readonly cause?: unknown }

/** Sessions of one plugin instance: cookies, timeouts, sealing and storage behind four verbs. Cookies go out through `exchange.downstream`. */
export interface SessionManager {
  open(exchange: Exchange): Eventually<OpenedSession>
  /** Starts or re-saves a session (always a new id) and sets its cookie. @throws when the store cannot be reached. */
  save(exchange: Exchange, data: SessionData, previous?: Session): Promise<Session>
  /** Re-issues the cookie when idle time or generation ask for it; otherwise nothing. */
  touch(exchange: Exchange, session: Session): Eventually<Session>
  /** Clears the cookie and the stored entry. */
  destroy(exchange: Exchange, session: Session | undefined): Promise<void>
  /**
   * Gives a session new data, once among all parallel requests of it: `work` runs for one of them, here or (with a shared store) in another
   * process, and the others get its result and the new cookie. A new id is saved at once (U24).
   */
  renew(exchange: Exchange, session: Session, work: (current: Session) => Promise<Renewed>): Promise<Renewal>
  /** Logins on their way, in the authorization cookie. */
  readonly logins: PendingLogins
  /** Remaining seconds, as the `Session-*` headers and the tests want them. */
  timeouts(session: Session): { readonly idling?: number; readonly rolling?: number; readonly absolute?: number }
  close(): Promise<void>
}

/** What the work of a renewal came to. */
export type Renewed =
  | { readonly kind: 'data'; readonly data: SessionData }
  | { readonly kind: 'refused'; readonly reason: ReasonCode; readonly detail?: string }
  | { readonly kind: 'undetermined'; readonly reason: ReasonCode; readonly detail?: string; readonly cause?: unknown }

export type Renewal = { readonly kind: 'renewed'; readonly session: Session } | Exclude<Renewed, { readonly kind: 'data' }>

/** One login on its way: what the browser must bring back, and what for. */
export interface PendingLogin {
  readonly state: string
  readonly nonce: string
  readonly code_verifier?: string
  readonly redirect_uri: string
  /** Path and query first asked for. */
  readonly originalUrl: string
  readonly clientIndex: number
  /** Seconds since the epoch. */
  readonly startedAt: number
}

/** The logins that one browser has begun and not finished, sealed in its own cookie: no other browser can finish them. */
export interface PendingLogins {
  /** Those of this browser that are not too old; undefined when it sent no cookie of ours. */
  list(exchange: Exchange): Promise<readonly PendingLogin[] | undefined>
  /** Adds one beside the others and sets the cookie; the oldest gives way above five (U13). */
  add(exchange: Exchange, login: PendingLogin): Promise<void>
  /** Marks a login as used, for good: true for the first who asks. @throws when the store cannot be reached. */
  claim(login: PendingLogin): Promise<boolean>
  /** Takes one login out of the cookie. */
  remove(exchange: Exchange, login: PendingLogin): Promise<void>
  /** Takes the whole cookie away. */
  clear(exchange: Exchange): Promise<void>
}
