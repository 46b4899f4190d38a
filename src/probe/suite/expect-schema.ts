import { createRequire } from 'node:module'
import type Ajv2020 from 'ajv/dist/2020.js'
import { z } from 'zod'
import type { Expectation } from '../expect/index.js'
import type { BodyExpectation } from '../expect/body.js'
import { compileJsonPath, type JsonQuery } from '../json-path.js'
import { formatIssueMessage } from './issue-message.js'
import { choose, Duration, Flag, MatcherMap, MatcherSchema, StatusSchema, Text } from './schema-parts.js'

const CookieSchema = z
  .strictObject({
    value: MatcherSchema.optional(),
    http_only: Flag.optional(),
    secure: Flag.optional(),
    same_site: MatcherSchema.optional(),
    path: MatcherSchema.optional(),
    domain: MatcherSchema.optional(),
    max_age: MatcherSchema.optional(),
    expires: MatcherSchema.optional(),
  })
  .nullable()

const RedirectSchema = z
  .strictObject({
    to: MatcherSchema.optional(),
    location: MatcherSchema.optional(),
    parameters: MatcherMap.optional(),
    scope: z.union([Text.transform((text) => text.split(/\s+/)), z.array(Text)]).optional(),
  })
  .nullable()

const HopSchema = z.strictObject({ status: MatcherSchema.optional(), location: MatcherSchema.optional(), url: MatcherSchema.optional() })

/** A JSONPath text, compiled. */
export const JsonPathSchema: z.ZodType<JsonQuery> = Text.transform((text, context) => compile(text, context))

function compile(text: string, context: { addIssue(message: string): void }): JsonQuery {
  try {
    return compileJsonPath(text)
  } catch (error) {
    context.addIssue(`"${text}" is no JSONPath (RFC 9535): ${(error as Error).message}`)
    return z.NEVER
  }
}

const JsonSchema = z.record(z.string(), MatcherSchema).transform((paths, context) =>
  Object.entries(paths).map(([text, matcher]) => {
    const query = compile(text, { addIssue: (message) => context.addIssue({ code: 'custom', message, path: [text] }) })
    return { query, matcher }
  }),
)

const SchemaSchema = z
  .union([z.record(z.string(), z.unknown()), z.boolean()], { error: formatIssueMessage('a JSON Schema') })
  .transform((schema, context): ((body: unknown) => readonly string[]) => {
    try {
      // Loaded for the suites that use it: 40 ms that nobody else should pay.
      const { default: Ajv } = createRequire(import.meta.url)('ajv/dist/2020.js') as { default: typeof Ajv2020.default }
      const ajv = new Ajv({ allErrors: true, strict: false })
      const validate = ajv.compile(schema)
      return (body) =>
        validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`)
    } catch (error) {
      context.addIssue(`no JSON Schema: ${(error as Error).message}`)
      return z.NEVER
    }
  })

const BodyObject = z.strictObject({ text: MatcherSchema.optional(), json: JsonSchema.optional(), schema: SchemaSchema.optional() })

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

const BODY_KEYS = new Set(Object.keys(BodyObject.shape))

/** `{ text, json, schema }`, or a matcher for the whole text. */
const BodySchema: z.ZodType<BodyExpectation> = choose((value) =>
  isObject(value) && Object.keys(value).some((key) => BODY_KEYS.has(key))
    ? (BodyObject as unknown as z.ZodType<BodyExpectation>)
    : (MatcherSchema.transform((text) => ({ text })) as unknown as z.ZodType<BodyExpectation>),
)

const ExpectObject = z.strictObject({
  status: StatusSchema.optional(),
  protected: Flag.optional(),
  login: Flag.optional(),
  headers: MatcherMap.optional(),
  challenge: MatcherMap.nullable().optional(),
  body: BodySchema.optional(),
  cookies: z.record(z.string(), CookieSchema).optional(),
  redirect: RedirectSchema.optional(),
  hops: z.array(HopSchema).min(1).optional(),
  upstream: MatcherMap.nullable().optional(),
  forwarded_token: z
    .strictObject({ header: Text.optional(), claims: MatcherMap.optional(), jose: MatcherMap.optional() })
    .nullable()
    .optional(),
  time: z.strictObject({ first_byte: Duration.optional(), total: Duration.optional() }).optional(),
  certificate: z
    .strictObject({
      subject: MatcherSchema.optional(),
      issuer: MatcherSchema.optional(),
      name: Text.optional(),
      valid_for: Duration.optional(),
      protocol: MatcherSchema.optional(),
      fingerprint256: MatcherSchema.optional(),
    })
    .optional(),
})

/** The expectations of a case; a bare status is short for `{ status }`, the words `protected` and `login` for those. */
export const ExpectSchema: z.ZodType<Expectation> = choose((value) => {
  if (isObject(value)) return ExpectObject as unknown as z.ZodType<Expectation>
  if (value === 'protected') return z.literal('protected').transform(() => ({ protected: true })) as unknown as z.ZodType<Expectation>
  if (value === 'login') return z.literal('login').transform(() => ({ login: true })) as unknown as z.ZodType<Expectation>
  return StatusSchema.transform((status) => ({ status })) as unknown as z.ZodType<Expectation>
})

const PARTS: Readonly<Record<string, readonly string[]>> = {
  body: Object.keys(BodyObject.shape),
  redirect: ['to', 'location', 'parameters', 'scope'],
  hops: Object.keys(HopSchema.shape),
  forwarded_token: ['header', 'claims', 'jose'],
  time: ['first_byte', 'total'],
  certificate: Object.keys(ExpectObject.shape.certificate.unwrap().shape),
}

/** The names that may stand under `expect` at a path inside it; feeds *did you mean*. */
export function knownExpectKeys([kind, name]: readonly PropertyKey[]): readonly string[] {
  if (kind === undefined) return Object.keys(ExpectObject.shape)
  if (kind === 'cookies' && name !== undefined) return ['value', 'http_only', 'secure', 'same_site', 'path', 'domain', 'max_age', 'expires']
  return PARTS[String(kind)] ?? ['equals', 'contains', 'matches', 'one_of', 'present', 'absent', 'not']
}
