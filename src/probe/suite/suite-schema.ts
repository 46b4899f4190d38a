import { z } from 'zod'
import { CASE_KEYS, CaseSchema, SHARED } from './case-schema.js'
import type { Expectation } from '../expect/index.js'
import { ExpectSchema, knownExpectKeys } from './expect-schema.js'
import { formatIssueMessage } from './issue-message.js'
import { choose, listOf, StatusSchema, Text } from './schema-parts.js'

/** A cell: a status, or `null` for "not asked". */
const Cell = StatusSchema.nullable()

const MatrixSchema = z
  .strictObject({
    /** `/orders`, or `POST /orders`. */
    routes: z.array(Text, { error: formatIssueMessage('a list of routes') }).min(1),
    as: z.array(Text, { error: formatIssueMessage('a list of identities') }).min(1),
    /** A row per route, a column per identity. */
    expect: z.array(z.array(Cell, { error: formatIssueMessage('a row of statuses') }), { error: formatIssueMessage('a list of rows') }),
    tags: listOf(Text).optional(),
  })
  .superRefine(({ routes, as, expect }, context) => {
    if (expect.length !== routes.length) {
      context.addIssue({ code: 'custom', message: `${routes.length} routes but ${expect.length} rows`, path: ['expect'] })
    }
    for (const [index, row] of expect.entries()) {
      if (row.length === as.length) continue
      context.addIssue({ code: 'custom', message: `${as.length} identities but ${row.length} cells`, path: ['expect', index] })
    }
  })

const IDENTITIES = {
  good: Text.optional(),
  wrong_audience: Text.optional(),
  missing_scope: Text.optional(),
  missing_group: Text.optional(),
}

const KongSchema = z.strictObject({
  kong: Text,
  ...IDENTITIES,
  suffix: Text.optional(),
  routes: z.record(z.string(), z.strictObject({ ...IDENTITIES, suffix: Text.optional(), skip: Text.optional() })).optional(),
  tags: SHARED.tags,
})

const ImportSchema = choose<WrittenImport>((value) => {
  const [kind] = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const schema =
    kind === 'har'
      ? z.strictObject({ har: Text, expect: ExpectSchema.optional(), ...SHARED })
      : kind === 'curl'
        ? z.strictObject({ curl: Text, expect: ExpectSchema.optional(), ...SHARED })
        : kind === 'kong'
          ? KongSchema
          : z.never({ error: 'say what: { har: FILE }, { curl: FILE } or { kong: FILE, good: PROFILE }' })
  return schema as unknown as z.ZodType<WrittenImport>
})

export type WrittenImport =
  | ({ readonly har: string; readonly expect?: Expectation } & WrittenShared)
  | ({ readonly curl: string; readonly expect?: Expectation } & WrittenShared)
  | z.output<typeof KongSchema>

const SharedSchema = z.strictObject(SHARED)
export type WrittenShared = z.output<typeof SharedSchema>

const SuiteObject = z.strictObject({
  description: Text.optional(),
  gateway: Text.optional(),
  url: Text.optional(),
  echo: Text.optional(),
  ...SHARED,
  tls: z.strictObject({ cert: Text.optional(), key: Text.optional(), ca: Text.optional() }).optional(),
  resolve: z.record(z.string(), Text).optional(),
  setup: z.array(CaseSchema).optional(),
  cases: z.array(CaseSchema).optional(),
  teardown: z.array(CaseSchema).optional(),
  matrix: listOf(MatrixSchema).optional(),
  import: listOf(ImportSchema).optional(),
})

/** One suite as written. */
export const SuiteSchema = SuiteObject.superRefine((written, context) => {
  if (written.gateway !== undefined && written.url !== undefined) {
    context.addIssue({ code: 'custom', message: 'either gateway or url', path: ['url'] })
  }
  if (!written.cases && !written.matrix && !written.import) context.addIssue('nothing to run: write cases:, matrix: or import:')
})

export type WrittenSuite = z.output<typeof SuiteSchema>

/** The names that may stand at a path inside a suite; feeds *did you mean*. */
export function knownSuiteKeys(path: readonly PropertyKey[]): readonly string[] {
  const [section, index, part, ...rest] = path
  if (section === undefined) return Object.keys(SuiteObject.shape)
  if (section === 'matrix') return ['routes', 'as', 'expect', 'tags']
  if (section === 'import') return ['har', 'curl', 'expect', ...Object.keys(KongSchema.shape), ...Object.keys(SHARED)]
  if (section === 'setup' || section === 'cases' || section === 'teardown') {
    if (index === undefined || part === undefined) return CASE_KEYS
    if (part === 'expect') return knownExpectKeys(rest)
    if (part === 'retry') return ['for', 'every']
    if (part === 'preflight') return ['path', 'origin', 'method', 'headers']
  }
  return section === 'retry' ? ['for', 'every'] : section === 'tls' ? ['cert', 'key', 'ca'] : []
}
