import { z } from 'zod'
import { parseDuration } from '../../config/duration.js'
import { suggest } from '../../config/document.js'
import { formatIssueMessage } from './issue-message.js'
import type { Matcher } from '../expect/matcher.js'
import { parseStatusExpectation, type StatusExpectation } from '../expect/status.js'

/**
 * A value that may be written in several ways: looks first, then lets the one fitting schema speak, so that its problems keep their places.
 * A plain union would only say "invalid input".
 */
export function choose<T>(select: (value: unknown) => z.ZodType<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const result = select(value).safeParse(value)
    if (result.success) return result.data
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as (typeof context.issues)[number])
    return z.NEVER
  }) as unknown as z.ZodType<T>
}

export const Text = z.string({ error: formatIssueMessage('a text') }).min(1, 'must not be empty')

/** A text; numbers and booleans are taken as theirs, as YAML writers expect. */
export const Scalar = z
  .union([z.string(), z.number(), z.boolean()], { error: formatIssueMessage('a text, number or boolean') })
  .transform(String)

export const Flag = z.boolean({ error: formatIssueMessage('true or false') })

/** Milliseconds; a bare number means seconds. */
export const Duration = z
  .union([z.number().nonnegative().transform(String), z.string()], { error: formatIssueMessage('a duration like 30s or 250ms') })
  .transform((text, context) => {
    try {
      return parseDuration(text)
    } catch {
      context.addIssue(`"${text}" is no duration; write it as 250ms, 30s, 5m or 2h`)
      return z.NEVER
    }
  })

/** One of some words, with *did you mean*. */
export function oneOf<const T extends string>(values: readonly T[]): z.ZodType<T> {
  return z.enum(values as unknown as [T, ...T[]], {
    error: ({ input }) => {
      const nearest = typeof input === 'string' ? suggest(input, values) : undefined
      return `${JSON.stringify(input)} is not one of ${values.join(', ')}${nearest ? ` (did you mean "${nearest}"?)` : ''}`
    },
  }) as unknown as z.ZodType<T>
}

/** A value or a list of values, as a list. */
export const listOf = <T>(item: z.ZodType<T>): z.ZodType<readonly T[]> =>
  choose((value) => (Array.isArray(value) ? z.array(item) : item.transform((single) => [single])) as unknown as z.ZodType<readonly T[]>)

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const Pattern = Text.superRefine((text, context) => {
  try {
    void new RegExp(text)
  } catch (error) {
    context.addIssue(`no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`)
  }
})

const MatcherObjectSchema = z
  .strictObject({
    equals: z.unknown().optional(),
    contains: z.union([z.string(), z.number(), z.boolean()]).optional(),
    matches: Pattern.optional(),
    one_of: z.array(z.unknown()).optional(),
    present: Flag.optional(),
    absent: Flag.optional(),
    not: z.lazy(() => MatcherSchema).optional(),
  })
  .refine((matcher) => Object.keys(matcher).length > 0, 'say what is expected: equals, contains, matches, one_of, present, absent or not')

/** A scalar (equal), `null` (absent), or an object of operators. */
export const MatcherSchema: z.ZodType<Matcher> = choose((value) =>
  isObject(value)
    ? (MatcherObjectSchema as unknown as z.ZodType<Matcher>)
    : (z.union([z.string(), z.number(), z.boolean(), z.null()], {
        error: formatIssueMessage('a value or an object such as { matches: … }'),
      }) as z.ZodType<Matcher>),
)

export const MatcherMap = z.record(z.string(), MatcherSchema, { error: formatIssueMessage('a mapping of names to expected values') })

/** `200`, `2xx`, `"200,204"`, `[200, 2xx]`. */
export const StatusSchema: z.ZodType<StatusExpectation> = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)], {
    error: formatIssueMessage('a status like 200, 2xx or [200, 204]'),
  })
  .transform((value, context) => {
    try {
      return [value].flat().flatMap((part) => parseStatusExpectation(String(part)))
    } catch {
      context.addIssue(`${JSON.stringify(value)} is no status; write it as 200, 2xx or [200, 204]`)
      return z.NEVER
    }
  })
