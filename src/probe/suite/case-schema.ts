import { z } from 'zod'
import { ExpectSchema, JsonPathSchema } from './expect-schema.js'
import { formatIssueMessage } from './issue-message.js'
import { choose, Duration, Flag, listOf, oneOf, Scalar, Text } from './schema-parts.js'
import type { CaptureSource } from './suite.js'

export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'] as const

const Pairs = z
  .record(z.string(), listOf(Scalar), { error: formatIssueMessage('a mapping of names to values') })
  .transform((map) => Object.entries(map).flatMap(([name, values]) => values.map((value): readonly [string, string] => [name, value])))

const PartSchema = z
  .strictObject({ name: Text, value: Scalar.optional(), file: Text.optional(), type: Text.optional() })
  .refine(({ value, file }) => (value === undefined) !== (file === undefined), 'a part has either value or file')

const CaptureSchema: z.ZodType<CaptureSource> = choose((value) => {
  const [kind] = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const schema =
    kind === 'json'
      ? z.strictObject({ json: JsonPathSchema }).transform(({ json }) => ({ from: 'json', query: json }))
      : kind === 'header' || kind === 'pattern'
        ? z
            .strictObject({ header: Text, pattern: Text.optional() })
            .transform(({ header, pattern }) => ({ from: 'header', name: header, ...(pattern !== undefined && { pattern }) }))
        : kind === 'cookie'
          ? z.strictObject({ cookie: Text }).transform(({ cookie }) => ({ from: 'cookie', name: cookie }))
          : kind === 'parameter'
            ? z.strictObject({ parameter: Text }).transform(({ parameter }) => ({ from: 'parameter', name: parameter }))
            : kind === 'claim'
              ? z.strictObject({ claim: Text }).transform(({ claim }) => ({ from: 'claim', name: claim }))
              : kind === 'status'
                ? z.strictObject({ status: z.literal(true) }).transform(() => ({ from: 'status' }))
                : z.never({
                    error:
                      'say where from: { json: $.path }, { header: name }, { cookie: name }, { parameter: name }, { claim: name } or { status: true }',
                  })
  return schema as unknown as z.ZodType<CaptureSource>
})

/** What cases and the suite itself have in common; a case's own value wins. */
export const SHARED = {
  as: Text.optional(),
  present: oneOf(['bearer', 'basic', 'cookie', 'dpop', 'none']).optional(),
  headers: Pairs.optional(),
  accept: Text.optional(),
  follow: z
    .union([Flag.transform((follow) => (follow ? 20 : 0)), z.int().min(0).max(100)], {
      error: formatIssueMessage('true, false or a number of redirects'),
    })
    .optional(),
  jar: Text.optional(),
  timeout: Duration.optional(),
  retry: z.strictObject({ for: Duration, every: Duration.default(200) }).optional(),
  repeat: z.int().min(1).max(1_000_000).optional(),
  tags: listOf(Text).optional(),
}

const REQUEST_LINES = Object.fromEntries(METHODS.map((method) => [method, Text.optional()])) as Record<
  (typeof METHODS)[number],
  z.ZodOptional<typeof Text>
>

const CaseObject = z.strictObject({
  name: Text.optional(),
  ...REQUEST_LINES,
  /** Any other method, with `path`. */
  method: Text.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'is no method name').optional(),
  path: Text.optional(),
  curl: Text.optional(),
  preflight: z.strictObject({ path: Text, origin: Text, method: Text.default('GET'), headers: listOf(Text).optional() }).optional(),
  ...SHARED,
  query: Pairs.optional(),
  cookies: Pairs.optional(),
  json: z.unknown().optional(),
  form: Pairs.optional(),
  multipart: z.array(PartSchema).min(1).optional(),
  body: Text.optional(),
  file: Text.optional(),
  expect: ExpectSchema.optional(),
  capture: z.record(z.string(), CaptureSchema).optional(),
  skip: z.union([Flag, Text]).optional(),
  only: Flag.optional(),
  control: Flag.optional(),
})

const BODIES = ['json', 'form', 'multipart', 'body', 'file'] as const

/** One case as written. Exactly one request line, at most one body. */
export const CaseSchema = CaseObject.superRefine((written, context) => {
  const lines = [...METHODS, 'path', 'curl', 'preflight'].filter((name) => written[name as keyof typeof written] !== undefined)
  if (lines.length === 0) context.addIssue('no request: write get: /path (or post, put, …), method: with path:, curl: or preflight:')
  if (lines.length > 1) context.addIssue({ code: 'custom', message: `several requests: ${lines.join(', ')}`, path: [lines[1] ?? ''] })
  if (written.method !== undefined && written.path === undefined)
    context.addIssue({ code: 'custom', message: 'method needs path', path: ['method'] })
  for (const name of Object.keys(written.capture ?? {})) {
    if (/^[A-Za-z_]\w*$/.test(name)) continue
    context.addIssue({ code: 'custom', message: 'a capture is named like a variable', path: ['capture', name] })
  }
  const bodies = BODIES.filter((name) => written[name] !== undefined)
  if (bodies.length > 1) context.addIssue({ code: 'custom', message: `several bodies: ${bodies.join(', ')}`, path: [bodies[1] ?? ''] })
})

export type WrittenCase = z.output<typeof CaseSchema>

export const CASE_KEYS = Object.keys(CaseObject.shape)
