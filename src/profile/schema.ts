import { z } from 'zod'
import { suggest } from '../config/document.js'
import { isSecretReference } from '../config/secret-reference.js'
import { parseDuration } from '../config/duration.js'
import type { ClientAuthMethod, GrantType, Presentation } from './profile.js'
import { isTokenReference } from './token-reference.js'

const GRANTS: Readonly<Record<string, GrantType>> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  password: 'password',
  refresh_token: 'refresh_token',
  implicit: 'implicit',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
  jwt_bearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  token_exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
}
const AUTH = Object.keys({
  client_secret_basic: 1,
  client_secret_basic_raw: 1,
  client_secret_post: 1,
  client_secret_jwt: 1,
  private_key_jwt: 1,
  tls_client_auth: 1,
  self_signed_tls_client_auth: 1,
  none: 1,
} satisfies Record<ClientAuthMethod, 1>) as ClientAuthMethod[]
const PRESENTATIONS = Object.keys({ bearer: 1, basic: 1, cookie: 1, dpop: 1, none: 1 } satisfies Record<Presentation, 1>) as Presentation[]

const oneOf = <T extends string>(values: readonly T[]) => {
  return z.enum(values as [T, ...T[]], {
    error: ({ input }) => {
      const nearest = typeof input === 'string' ? suggest(input, values) : undefined
      return `${JSON.stringify(input)} is not one of ${values.join(', ')}${nearest ? ` (did you mean "${nearest}"?)` : ''}`
    },
  })
}

/** A grant by its registered name, or by the last word of its URN with underscores. */
const Grant = z.preprocess(
  (value) => Object.entries(GRANTS).find(([, urn]) => urn === value)?.[0] ?? value,
  oneOf(Object.keys(GRANTS)).transform((name) => GRANTS[name] as GrantType),
)
const Text = z.string().min(1, 'must not be empty')
const Secret = Text.refine(isSecretReference, 'a secret is written as env:NAME, file:PATH, cmd:COMMAND or prompt, never as itself')
const TokenReference = Text.refine(
  isTokenReference,
  'a token is written as env:NAME, file:PATH, cmd:COMMAND, profile:NAME, github or gitlab, never as itself',
)
const WebUrl = Text.refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'is no http(s) URL')
const Words = z.union([Text, z.array(Text).transform((words) => words.join(' '))])
const Json = z.union([
  Text,
  z.record(z.string(), z.unknown()).transform((value) => JSON.stringify(value)),
  z.array(z.unknown()).transform((value) => JSON.stringify(value)),
])
const Duration = z.union([z.number().positive().transform(String), Text]).transform((text, context) => {
  try {
    return parseDuration(text)
  } catch {
    context.addIssue(`"${text}" is no duration; write it as 30s, 5m or 2h`)
    return z.NEVER
  }
})

const ClientSchema = z.strictObject({
  id: Text.optional(),
  secret: Secret.optional(),
  auth: oneOf(AUTH).optional(),
  key: Secret.optional(),
  cert: Text.optional(),
})

const LoginSchema = z.strictObject({
  driver: oneOf(['browser', 'form']).optional(),
  username: Text.optional(),
  password: Secret.optional(),
  redirect_uri: WebUrl.optional(),
  redirect_host: Text.optional(),
  redirect_port: z.int().min(0).max(65_535).optional(),
  redirect_path: Text.regex(/^\//, 'starts with /').optional(),
  timeout: Duration.optional(),
})

const ExchangeSchema = z.strictObject({
  subject_token: TokenReference,
  subject_token_type: Text.optional(),
  actor_token: TokenReference.optional(),
  actor_token_type: Text.optional(),
  requested_token_type: Text.optional(),
})

const ProfileSchema = z.strictObject({
  extends: Text.optional(),
  issuer: WebUrl.optional(),
  grant: Grant.optional(),
  client: ClientSchema.optional(),
  scope: Words.optional(),
  audience: Text.optional(),
  resource: z.union([Text, z.array(Text)]).optional(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
  response_type: Words.optional(),
  claims: Json.optional(),
  acr_values: Words.optional(),
  max_age: z.int().min(0).optional(),
  prompt: Words.optional(),
  login_hint: Text.optional(),
  authorization_details: Json.optional(),
  assertion: TokenReference.optional(),
  exchange: ExchangeSchema.optional(),
  login: LoginSchema.optional(),
  present: oneOf(PRESENTATIONS).optional(),
  dpop: z.boolean().optional(),
  par: z.boolean().optional(),
  jar: z.boolean().optional(),
  jarm: z.boolean().optional(),
})

const GatewaySchema = z.strictObject({
  url: WebUrl,
  /** Path of a Kong document, relative to this file. */
  kong: Text.optional(),
  /** Where the upstream's answer shows what it received, e.g. `body.headers`. */
  echo: Text.optional(),
})

/** `oidcgw.yaml`, and the person's own `config.yaml`. Suites are checked by the room that runs them. */
export const ProjectSchema = z.strictObject({
  version: z.literal(1, 'must be 1').optional(),
  default_profile: Text.optional(),
  profiles: z
    .record(
      z.string(),
      ProfileSchema.nullable().transform((profile) => profile ?? {}),
    )
    .optional(),
  gateways: z.record(z.string(), GatewaySchema).optional(),
  suites: z.unknown().optional(),
})

/** A profile as written: checked, `extends` not yet applied. */
export type WrittenProfile = z.output<typeof ProfileSchema>
export type WrittenProject = z.output<typeof ProjectSchema>

/** The names that may stand at a path; feeds *did you mean*. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const [section, , part] = path
  if (path.length === 0) return Object.keys(ProjectSchema.shape)
  if (section === 'gateways') return Object.keys(GatewaySchema.shape)
  if (part === 'client') return Object.keys(ClientSchema.shape)
  if (part === 'login') return Object.keys(LoginSchema.shape)
  if (part === 'exchange') return Object.keys(ExchangeSchema.shape)
  return Object.keys(ProfileSchema.shape)
}
