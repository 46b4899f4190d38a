import { guessKind } from '../kind.js'
import type { TokenReading } from '../reading.js'
import { CONTENT } from './content.js'
import { FORM } from './form.js'
import { HEADER } from './header.js'
import { JSON_RULES } from './json.js'
import { KIND } from './kind.js'
import { PARTIES } from './parties.js'
import type { Finding, LintContext, LintRule, Severity } from './rule.js'
import { TIME } from './time.js'

/** Every rule, in the order of its number. */
export const LINT_RULES: readonly LintRule[] = [...FORM, ...JSON_RULES, ...HEADER, ...TIME, ...PARTIES, ...KIND, ...CONTENT].toSorted(
  (a, b) => (a.id < b.id ? -1 : 1),
)

/** What somebody who asks for lint has at hand beside the token. */
export type LintEvidence = Pick<LintContext, 'jwks' | 'issuer' | 'clientId' | 'accessToken' | 'secret'>

const ORDER = { error: 0, warn: 1, info: 2, notice: 3 } satisfies Record<Severity, number>

/** What is worth saying about a token, gravest first. Needs no network; a rule that lacks its evidence stays silent. */
export function lintToken(
  reading: TokenReading,
  { now, fromArgument = false, ...evidence }: LintEvidence & { readonly now: Date; readonly fromArgument?: boolean },
): readonly Finding[] {
  const compact = reading.token.startsWith('{') ? '' : (reading.token.split('~', 1)[0] ?? '')
  const parts = compact === '' ? [] : compact.split('.', 12)
  const context: LintContext = {
    ...evidence,
    reading,
    header: reading.header ?? {},
    claims: reading.payload ?? {},
    kind: guessKind(reading),
    parts,
    texts: parts.slice(0, reading.form === 'jwe' ? 1 : 2).map((part) => Buffer.from(part, 'base64url').toString('utf8')),
    nowSeconds: now.getTime() / 1000,
    fromArgument,
  }
  return LINT_RULES.flatMap(({ id, key, spec, check }) =>
    [check(context) ?? []].flat().map((hit): Finding => ({ id, key, spec, ...hit })),
  ).toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity])
}
