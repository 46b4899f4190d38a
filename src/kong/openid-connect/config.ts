import type {
  ClusterCacheRedis,
  DownstreamHeadersEntry,
  Principals,
  ProofOfPossessionMtlsFromHeader,
  Redis,
  TokenExchange,
  UpstreamHeadersEntry,
} from './records.js'
import type { Jwk } from '../jwk.js'

export type AuthMethodName =
  | 'authorization_code'
  | 'bearer'
  | 'client_credentials'
  | 'introspection'
  | 'kong_oauth2'
  | 'password'
  | 'refresh_token'
  | 'session'
  | 'userinfo'

export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none'

/** The `config` of an `openid-connect` plugin, validated, with Kong 3.15's defaults; null where Kong has none. Wire names, unchanged. */
export interface OpenIdConnectConfig {
  // consumer
  readonly anonymous: string | null
  readonly by_username_ignore_case: boolean
  readonly consumer_by: readonly ('custom_id' | 'id' | 'username')[]
  readonly consumer_claims: readonly (readonly string[])[] | null
  readonly consumer_groups_claim: readonly string[] | null
  readonly consumer_groups_optional: boolean
  readonly consumer_optional: boolean
  readonly credential_claim: readonly string[]
  readonly principals: Principals | null
  // request
  readonly audience: readonly string[] | null
  readonly authorization_query_args_client: readonly string[] | null
  readonly authorization_query_args_names: readonly string[] | null
  readonly authorization_query_args_values: readonly string[] | null
  readonly preserve_query_args: boolean
  readonly redirect_uri: readonly string[] | null
  readonly require_proof_key_for_code_exchange: boolean | null
  readonly require_pushed_authorization_requests: boolean | null
  readonly require_signed_request_object: boolean | null
  readonly response_mode: 'form_post' | 'form_post.jwt' | 'fragment' | 'fragment.jwt' | 'jwt' | 'query' | 'query.jwt'
  readonly response_type: readonly string[]
  readonly scopes: readonly string[]
  readonly token_headers_client: readonly string[] | null
  readonly token_headers_grants: readonly ('authorization_code' | 'client_credentials' | 'password' | 'refresh_token')[] | null
  readonly token_headers_names: readonly string[] | null
  readonly token_headers_prefix: string | null
  readonly token_headers_replay: readonly string[] | null
  readonly token_headers_values: readonly string[] | null
  readonly token_post_args_client: readonly string[] | null
  readonly token_post_args_names: readonly string[] | null
  readonly token_post_args_values: readonly string[] | null
  // authz
  readonly audience_claim: readonly string[]
  readonly audience_required: readonly string[] | null
  readonly authenticated_groups_claim: readonly string[] | null
  readonly claims_forbidden: readonly string[] | null
  readonly groups_claim: readonly string[]
  readonly groups_required: readonly string[] | null
  readonly roles_claim: readonly string[]
  readonly roles_required: readonly string[] | null
  readonly scopes_claim: readonly string[]
  readonly scopes_required: readonly string[] | null
  // methods
  readonly auth_methods: readonly AuthMethodName[]
  readonly bearer_token_cookie_name: string | null
  readonly bearer_token_header_name: string | null
  readonly bearer_token_param_type: readonly ('body' | 'cookie' | 'header' | 'query')[]
  readonly client_credentials_param_type: readonly ('body' | 'header' | 'query')[]
  readonly id_token_param_name: string | null
  readonly id_token_param_type: readonly ('body' | 'header' | 'query')[]
  readonly password_param_type: readonly ('body' | 'header' | 'query')[]
  readonly refresh_token_param_name: string | null
  readonly refresh_token_param_type: readonly ('body' | 'header' | 'query')[]
  // session
  readonly authorization_cookie_domain: string | null
  readonly authorization_cookie_http_only: boolean
  readonly authorization_cookie_name: string
  readonly authorization_cookie_path: string
  readonly authorization_cookie_same_site: 'Default' | 'Lax' | 'None' | 'Strict'
  readonly authorization_cookie_secure: boolean | null
  readonly authorization_rolling_timeout: number
  readonly disable_session: readonly AuthMethodName[] | null
  readonly session_absolute_timeout: number
  readonly session_audience: string
  readonly session_bind: readonly ('ip' | 'scheme' | 'user-agent')[] | null
  readonly session_cookie_domain: string | null
  readonly session_cookie_http_only: boolean
  readonly session_cookie_name: string
  readonly session_cookie_path: string
  readonly session_cookie_same_site: 'Default' | 'Lax' | 'None' | 'Strict'
  readonly session_cookie_secure: boolean | null
  readonly session_enforce_same_subject: boolean
  readonly session_hash_storage_key: boolean
  readonly session_hash_subject: boolean
  readonly session_idling_timeout: number
  readonly session_memcached_host: string
  readonly session_memcached_port: number
  readonly session_memcached_prefix: string | null
  readonly session_memcached_socket: string | null
  readonly session_memcached_ssl: boolean | null
  readonly session_memcached_ssl_verify: boolean
  readonly session_remember: boolean
  readonly session_remember_absolute_timeout: number
  readonly session_remember_cookie_name: string
  readonly session_remember_rolling_timeout: number
  readonly session_request_headers:
    readonly ('absolute-timeout' | 'audience' | 'id' | 'idling-timeout' | 'rolling-timeout' | 'subject' | 'timeout')[] | null
  readonly session_response_headers:
    readonly ('absolute-timeout' | 'audience' | 'id' | 'idling-timeout' | 'rolling-timeout' | 'subject' | 'timeout')[] | null
  readonly session_rolling_timeout: number
  readonly session_secret: string | null
  readonly session_storage: 'cookie' | 'memcache' | 'memcached' | 'redis'
  readonly session_store_metadata: boolean
  // idp
  readonly authorization_endpoint: string | null
  readonly discovery_headers_names: readonly string[] | null
  readonly discovery_headers_values: readonly string[] | null
  readonly end_session_endpoint: string | null
  readonly extra_jwks_uris: readonly string[] | null
  readonly introspection_endpoint: string | null
  readonly issuer: string
  readonly jwks_endpoint: string | null
  readonly mtls_introspection_endpoint: string | null
  readonly mtls_revocation_endpoint: string | null
  readonly mtls_token_endpoint: string | null
  readonly pushed_authorization_request_endpoint: string | null
  readonly rediscovery_lifetime: number
  readonly revocation_endpoint: string | null
  readonly token_endpoint: string | null
  readonly token_exchange_endpoint: string | null
  readonly userinfo_endpoint: string | null
  readonly using_pseudo_issuer: boolean
  // cache
  readonly cache_introspection: boolean
  readonly cache_token_exchange: boolean
  readonly cache_tokens: boolean
  readonly cache_tokens_salt: string | null
  readonly cache_ttl: number
  readonly cache_ttl_max: number | null
  readonly cache_ttl_min: number | null
  readonly cache_ttl_neg: number | null
  readonly cache_ttl_resurrect: number | null
  readonly cache_user_info: boolean
  readonly cluster_cache_items: readonly ('introspection' | 'tokens')[]
  readonly cluster_cache_redis: ClusterCacheRedis | null
  readonly cluster_cache_strategy: 'off' | 'redis'
  readonly token_cache_key_include_scope: boolean
  // client
  readonly client_alg:
    | readonly (
        'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'HS256' | 'HS384' | 'HS512' | 'PS256' | 'PS384' | 'PS512' | 'RS256' | 'RS384' | 'RS512'
      )[]
    | null
  readonly client_arg: string
  readonly client_auth: readonly ClientAuthMethod[] | null
  readonly client_id: readonly string[] | null
  readonly client_jwk: readonly Jwk[] | null
  readonly client_secret: readonly string[] | null
  readonly introspection_endpoint_auth_method: ClientAuthMethod | null
  readonly pushed_authorization_request_endpoint_auth_method: ClientAuthMethod | null
  readonly revocation_endpoint_auth_method: ClientAuthMethod | null
  readonly tls_client_auth_cert_id: string | null
  readonly tls_client_auth_ssl_verify: boolean
  readonly token_endpoint_auth_method: ClientAuthMethod | null
  // errors
  readonly display_errors: boolean
  readonly expose_error_code: boolean
  readonly forbidden_destroy_session: boolean
  readonly forbidden_error_message: string
  readonly forbidden_redirect_uri: readonly string[] | null
  readonly run_on_preflight: boolean
  readonly unauthorized_destroy_session: boolean
  readonly unauthorized_error_message: string
  readonly unauthorized_redirect_uri: readonly string[] | null
  readonly unexpected_redirect_uri: readonly string[] | null
  // verify
  readonly domains: readonly string[] | null
  readonly enable_hs_signatures: boolean
  readonly ignore_signature: readonly (
    'authorization_code' | 'client_credentials' | 'introspection' | 'password' | 'refresh_token' | 'session' | 'userinfo'
  )[]
  readonly issuers_allowed: readonly string[] | null
  readonly jwt_session_claim: string
  readonly jwt_session_cookie: string | null
  readonly leeway: number
  readonly max_age: number | null
  readonly reverify: boolean
  readonly verify_claims: boolean
  readonly verify_nonce: boolean
  readonly verify_parameters: boolean
  readonly verify_signature: boolean
  // headers
  readonly downstream_access_token_header: string | null
  readonly downstream_access_token_jwk_header: string | null
  readonly downstream_headers: readonly DownstreamHeadersEntry[] | null
  readonly downstream_headers_claims: readonly string[] | null
  readonly downstream_headers_names: readonly string[] | null
  readonly downstream_id_token_header: string | null
  readonly downstream_id_token_jwk_header: string | null
  readonly downstream_introspection_header: string | null
  readonly downstream_introspection_jwt_header: string | null
  readonly downstream_refresh_token_header: string | null
  readonly downstream_session_id_header: string | null
  readonly downstream_user_info_header: string | null
  readonly downstream_user_info_jwt_header: string | null
  readonly hide_credentials: boolean
  readonly upstream_access_token_header: string | null
  readonly upstream_access_token_jwk_header: string | null
  readonly upstream_headers: readonly UpstreamHeadersEntry[] | null
  readonly upstream_headers_claims: readonly string[] | null
  readonly upstream_headers_names: readonly string[] | null
  readonly upstream_id_token_header: string | null
  readonly upstream_id_token_jwk_header: string | null
  readonly upstream_introspection_header: string | null
  readonly upstream_introspection_jwt_header: string | null
  readonly upstream_refresh_token_header: string | null
  readonly upstream_session_id_header: string | null
  readonly upstream_user_info_header: string | null
  readonly upstream_user_info_jwt_header: string | null
  // pop
  readonly dpop_proof_lifetime: number
  readonly dpop_use_nonce: boolean
  readonly proof_of_possession_auth_methods_validation: boolean
  readonly proof_of_possession_dpop: 'off' | 'optional' | 'strict'
  readonly proof_of_possession_mtls: 'off' | 'optional' | 'strict'
  readonly proof_of_possession_mtls_from_header: ProofOfPossessionMtlsFromHeader | null
  // http
  readonly http_proxy: string | null
  readonly http_proxy_authorization: string | null
  readonly http_version: number
  readonly https_proxy: string | null
  readonly https_proxy_authorization: string | null
  readonly keepalive: boolean
  readonly no_proxy: string | null
  readonly ssl_verify: boolean
  readonly timeout: number
  // introspection
  readonly introspect_jwt_tokens: boolean
  readonly introspection_accept: 'application/json' | 'application/jwt' | 'application/token-introspection+jwt'
  readonly introspection_check_active: boolean
  readonly introspection_headers_client: readonly string[] | null
  readonly introspection_headers_names: readonly string[] | null
  readonly introspection_headers_values: readonly string[] | null
  readonly introspection_hint: string
  readonly introspection_post_args_client: readonly string[] | null
  readonly introspection_post_args_client_headers: readonly string[] | null
  readonly introspection_post_args_names: readonly string[] | null
  readonly introspection_post_args_values: readonly string[] | null
  readonly introspection_token_param_name: string
  readonly revocation_token_param_name: string
  // login
  readonly login_action: 'redirect' | 'response' | 'upstream'
  readonly login_methods: readonly AuthMethodName[]
  readonly login_redirect_mode: 'fragment' | 'query'
  readonly login_redirect_uri: readonly string[] | null
  readonly login_tokens: readonly ('access_token' | 'id_token' | 'introspection' | 'refresh_token' | 'tokens')[] | null
  readonly logout_methods: readonly ('DELETE' | 'GET' | 'POST')[]
  readonly logout_post_arg: string | null
  readonly logout_query_arg: string | null
  readonly logout_redirect_uri: readonly string[] | null
  readonly logout_revoke: boolean
  readonly logout_revoke_access_token: boolean
  readonly logout_revoke_refresh_token: boolean
  readonly logout_uri_suffix: string | null
  readonly refresh_tokens: boolean
  // redis
  readonly redis: Redis | null
  // userinfo
  readonly resolve_distributed_claims: boolean
  readonly search_user_info: boolean
  readonly userinfo_accept: 'application/json' | 'application/jwt'
  readonly userinfo_headers_client: readonly string[] | null
  readonly userinfo_headers_names: readonly string[] | null
  readonly userinfo_headers_values: readonly string[] | null
  readonly userinfo_query_args_client: readonly string[] | null
  readonly userinfo_query_args_names: readonly string[] | null
  readonly userinfo_query_args_values: readonly string[] | null
  // exchange
  readonly token_exchange: TokenExchange | null
}
