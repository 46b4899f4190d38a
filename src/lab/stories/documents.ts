/**
 * The Kong documents of the stories. They are what a team would give to decK: the issuer, ids and secrets come from the environment
 * (`stageEnvironment`), so that the same text runs in this process and in `oidcgw gateway run`.
 */
const document = (routes: string): string => `_format_version: "3.0"
services:
  - name: echo
    url: \${{ env "DECK_UPSTREAM_URL" }}
    routes:
${indent(routes, 6)}`

const indent = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by))

const route = (plugins: string, name = 'oidcroute'): string => `- name: ${name}
  paths: [/${name}]
  plugins:${plugins === '' ? ' []' : `\n${indent(plugins, 4)}`}
`

const openIdConnect = (config: string): string => `- name: openid-connect
  config:
    issuer: \${{ env "DECK_ISSUER" }}
${indent(config, 4)}`

const client = (name: 'M2M' | 'WEB' | 'INTROSPECTOR'): string => `client_id: ['\${{ env "DECK_${name}_CLIENT_ID" }}']
client_secret: ['\${{ env "DECK_${name}_CLIENT_SECRET" }}']
`

export const openRoute = document(route(''))

/** Part 1 as the tutorial opens: four settings, so all nine methods are on. */
export const fourSettings = document(route(openIdConnect(`${client('M2M')}scopes: [api.read]\n`)))

/** Part 1 as it should be: two methods, the issuer as a header, and an audience. */
export const clientCredentials = document(
  route(
    openIdConnect(`${client('M2M')}scopes: [api.read]
auth_methods: [client_credentials, bearer]
audience_required: ['\${{ env "DECK_AUDIENCE" }}']
upstream_headers_claims: [iss]
upstream_headers_names: [Issuer_Header]
`),
  ),
)

/** Part 2: the code flow with its session; the callback is the route itself. With Redis the cookie holds only the session's id. */
export const authorizationCode = (redis: URL | undefined): string =>
  document(
    route(
      openIdConnect(`${client('WEB')}scopes: [openid, profile, groups]
auth_methods: [authorization_code, session]
session_secret: \${{ env "DECK_SESSION_SECRET" }}
${redis ? `session_storage: redis\nredis: ${redisRecord(redis)}\n` : ''}logout_uri_suffix: /logout
logout_methods: [POST]
upstream_id_token_header: X-Id-Token
`),
    ),
  )

/** The address as Kong's `redis` record, in YAML's flow style. */
function redisRecord({ hostname, port, username, password, pathname, protocol }: URL): string {
  return JSON.stringify({
    host: hostname,
    port: Number(port || 6379),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 && { database: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { ssl: true }),
  })
}

/** Part 3: one route asks the provider about each token, one asks and remembers, one only checks signatures. */
export const introspection = (introspector: 'M2M' | 'INTROSPECTOR'): string =>
  document(
    route(
      openIdConnect(`${client(introspector)}auth_methods: [introspection]
introspect_jwt_tokens: true
cache_introspection: false
bearer_token_param_type: [header]
`),
    ) +
      route(
        openIdConnect(`${client(introspector)}auth_methods: [introspection]
cache_introspection: true
cache_ttl_max: 60
bearer_token_param_type: [header]
`),
        'cached',
      ) +
      route(openIdConnect('auth_methods: [bearer]\nbearer_token_param_type: [header]\n'), 'signature'),
  )

/** Part 4, both ways: the plugin's own \`groups_required\`, and claim groups for the ACL plugin. */
export const groups = document(
  route(openIdConnect('auth_methods: [bearer]\ngroups_claim: [groups]\ngroups_required: [admins]\n')) +
    route(
      `${openIdConnect('auth_methods: [bearer]\nauthenticated_groups_claim: [groups]\n')}- name: acl
  config: { allow: [admins] }
`,
      'acl',
    ),
)
