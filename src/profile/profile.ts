export type GrantType =
  | 'authorization_code'
  | 'client_credentials'
  | 'password'
  | 'refresh_token'
  | 'urn:ietf:params:oauth:grant-type:device_code'
  | 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  | 'urn:ietf:params:oauth:grant-type:token-exchange'
  | 'implicit'

export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_basic_raw'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none'

/** Who we talk to and as whom, resolved: flag › environment › project file › user file › default. Secrets are still references. */
export interface Profile {
  readonly name: string
  readonly issuer: string
  readonly grant: GrantType
  readonly client: {
    readonly id: string
    /** `env:…`, `file:…`, `cmd:…` or `prompt`. */
    readonly secret?: string
    readonly auth?: ClientAuthMethod
    /** Private key for `private_key_jwt`: a reference to PEM or JWK. */
    readonly key?: string
    /** Client certificate for the tls methods: a PEM file. */
    readonly cert?: string
  }
  readonly scope?: string
  readonly audience?: string
  readonly resource?: string | readonly string[]
  /** Extra request parameters, sent as they are. */
  readonly params?: Readonly<Record<string, string>>
  /** Default `code`; for the implicit grant `id_token token`. */
  readonly response_type?: string
  /** OIDC Core §5.5, a JSON text. */
  readonly claims?: string
  readonly acr_values?: string
  /** Seconds (OIDC Core §3.1.2.1); `auth_time` is checked against it. */
  readonly max_age?: number
  readonly prompt?: string
  readonly login_hint?: string
  /** RFC 9396, a JSON text. */
  readonly authorization_details?: string
  /** JWT bearer (RFC 7523): a reference, `profile:NAME`, `github[:AUDIENCE]` or `gitlab[:VARIABLE]`. */
  readonly assertion?: string
  readonly exchange?: TokenExchange
  readonly login?: LoginOptions
  readonly present?: Presentation
  readonly dpop?: boolean
  readonly par?: boolean
  readonly jar?: boolean
  readonly jarm?: boolean
}

/** Token exchange (RFC 8693 §2.1). Tokens are references; `profile:NAME` means that profile's access token. */
export interface TokenExchange {
  readonly subject_token: string
  readonly subject_token_type?: string
  readonly actor_token?: string
  readonly actor_token_type?: string
  readonly requested_token_type?: string
}

/** How a case carries the credential to the gateway. */
export type Presentation = 'bearer' | 'basic' | 'cookie' | 'dpop' | 'none'

export interface LoginOptions {
  /** `browser` (default) opens one; `form` fills the provider's own form, for CI. */
  readonly driver?: 'browser' | 'form'
  readonly username?: string
  readonly password?: string
  readonly redirect_uri?: string
  readonly redirect_host?: string
  readonly redirect_port?: number
  readonly redirect_path?: string
  /** Milliseconds. */
  readonly timeoutMs?: number
}
