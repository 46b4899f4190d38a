/** A Kong declarative document as values: defaults filled in, references resolved, wire names kept. Knows no sockets. */
export interface KongConfig {
  readonly services: readonly Service[]
  readonly routes: readonly Route[]
  readonly plugins: readonly Plugin[]
  readonly consumers: readonly Consumer[]
  readonly consumer_groups: readonly ConsumerGroup[]
  readonly upstreams: readonly Upstream[]
  readonly certificates: readonly Certificate[]
  /** SHA-256 (first 32 hex digits) over the canonical document, as `/status` shows it. */
  readonly hash: string
}

interface Entity {
  /** Given, or a deterministic UUID from the natural key. */
  readonly id: string
  readonly tags: readonly string[]
}

export type Protocol = 'http' | 'https' | 'grpc' | 'grpcs' | 'tcp' | 'tls' | 'tls_passthrough' | 'udp' | 'ws' | 'wss'

export interface Service extends Entity {
  readonly name: string | undefined
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly path: string | undefined
  readonly retries: number
  /** Milliseconds. */
  readonly connect_timeout: number
  readonly write_timeout: number
  readonly read_timeout: number
  readonly enabled: boolean
  readonly tls_verify: boolean | undefined
}

export interface Route extends Entity {
  readonly name: string | undefined
  readonly service: string | undefined
  readonly protocols: readonly Protocol[]
  readonly methods: readonly string[] | undefined
  readonly hosts: readonly string[] | undefined
  readonly paths: readonly string[] | undefined
  readonly headers: Readonly<Record<string, readonly string[]>> | undefined
  readonly snis: readonly string[] | undefined
  readonly strip_path: boolean
  readonly preserve_host: boolean
  readonly regex_priority: number
  readonly path_handling: 'v0' | 'v1'
  readonly https_redirect_status_code: 301 | 302 | 307 | 308 | 426
  /** Position in the document: the tie-break between equal routes. */
  readonly order: number
}

export interface Plugin extends Entity {
  readonly name: string
  readonly instance_name: string | undefined
  readonly enabled: boolean
  readonly protocols: readonly Protocol[]
  /** Scope by entity id; none set means global. */
  readonly route: string | undefined
  readonly service: string | undefined
  readonly consumer: string | undefined
  readonly consumer_group: string | undefined
  /** Validated by that plugin's fields, defaults filled in, legacy names translated, vault references resolved. */
  readonly config: Readonly<Record<string, unknown>>
  /** Where it stands, for messages. */
  readonly source: { readonly file: string; readonly line: number; readonly column: number }
}

export interface Consumer extends Entity {
  readonly username: string | undefined
  readonly custom_id: string | undefined
  /** Group names of its `acls` entities. */
  readonly acls: readonly string[]
  readonly groups: readonly string[]
}

export interface ConsumerGroup extends Entity {
  readonly name: string
}

export interface Upstream extends Entity {
  readonly name: string
  readonly algorithm: string
  readonly targets: readonly Target[]
}

export interface Target {
  readonly target: string
  readonly host: string
  readonly port: number
  readonly weight: number
}

export interface Certificate extends Entity {
  readonly cert: string
  readonly key: string
  readonly snis: readonly string[]
}
