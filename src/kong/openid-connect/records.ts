/** The shared cache's connection is that of the sessions, without a key prefix and a socket. */
export type ClusterCacheRedis = Omit<Redis, 'prefix' | 'socket'>

export interface DownstreamHeadersEntry {
  readonly header: string | null
  readonly path: readonly string[] | null
}

export interface Principals {
  readonly directory: string
  readonly enabled: boolean
  readonly error_on_miss: boolean
  readonly match_consumer: boolean
  readonly match_consumer_groups: boolean
  readonly principal_by: string | null
  readonly principal_claim: readonly string[] | null
}

export interface ProofOfPossessionMtlsFromHeader {
  readonly allow_partial_chain: boolean
  readonly ca_certificates: readonly string[] | null
  readonly cert_cache_ttl: number
  readonly certificate_header_format: 'base64_encoded' | 'url_encoded'
  readonly certificate_header_name: string | null
  readonly http_proxy_host: string | null
  readonly http_proxy_port: number | null
  readonly http_timeout: number
  readonly https_proxy_host: string | null
  readonly https_proxy_port: number | null
  readonly revocation_check_mode: 'IGNORE_CA_ERROR' | 'SKIP' | 'STRICT'
  readonly secure_source: boolean
  readonly ssl_verify: boolean
}

interface RedisCloudAuthentication {
  readonly auth_provider: 'aws' | 'azure' | 'gcp' | null
  readonly aws_access_key_id: string | null
  readonly aws_assume_role_arn: string | null
  readonly aws_cache_name: string | null
  readonly aws_is_serverless: boolean
  readonly aws_region: string | null
  readonly aws_role_session_name: string | null
  readonly aws_secret_access_key: string | null
  readonly azure_client_id: string | null
  readonly azure_client_secret: string | null
  readonly azure_tenant_id: string | null
  readonly gcp_service_account_json: string | null
}

interface RedisClusterNodesEntry {
  readonly ip: string
  readonly port: number
}

interface RedisSentinelNodesEntry {
  readonly host: string
  readonly port: number
}

export interface Redis {
  readonly cloud_authentication: RedisCloudAuthentication | null
  readonly cluster_max_redirections: number
  readonly cluster_nodes: readonly RedisClusterNodesEntry[] | null
  readonly connect_timeout: number
  readonly connection_is_proxied: boolean
  readonly database: number
  readonly host: string
  readonly keepalive_backlog: number | null
  readonly keepalive_pool_size: number
  readonly password: string | null
  readonly port: number
  readonly prefix: string | null
  readonly read_timeout: number
  readonly send_timeout: number
  readonly sentinel_master: string | null
  readonly sentinel_nodes: readonly RedisSentinelNodesEntry[] | null
  readonly sentinel_password: string | null
  readonly sentinel_role: 'any' | 'master' | 'slave' | null
  readonly sentinel_username: string | null
  readonly server_name: string | null
  readonly socket: string | null
  readonly ssl: boolean
  readonly ssl_verify: boolean
  readonly username: string | null
}

interface TokenExchangeCache {
  readonly enabled: boolean
  readonly ttl: number | null
}

interface TokenExchangeRequest {
  readonly audience: readonly string[] | null
  readonly empty_audience: boolean
  readonly empty_scopes: boolean
  readonly scopes: readonly string[] | null
}

interface TokenExchangeSubjectTokenIssuersEntryConditions {
  readonly has_audience: readonly string[] | null
  readonly has_scopes: readonly string[] | null
  readonly missing_audience: readonly string[] | null
  readonly missing_scopes: readonly string[] | null
}

export interface TokenExchangeSubjectTokenIssuersEntry {
  readonly conditions: TokenExchangeSubjectTokenIssuersEntryConditions | null
  readonly issuer: string | null
  readonly jwks_uri: string | null
  readonly verify_signature: boolean
}

export interface TokenExchange {
  readonly cache: TokenExchangeCache | null
  readonly request: TokenExchangeRequest | null
  readonly subject_token_issuers: readonly TokenExchangeSubjectTokenIssuersEntry[] | null
}

export interface UpstreamHeadersEntry {
  readonly header: string | null
  readonly path: readonly string[] | null
}
