import { outcomeOf, type Assert, type AssertionResult } from './assertion.js'
import { describeActual, describeMatcher, matches, type Matcher } from './matcher.js'

export interface CertificateExpectation {
  readonly subject?: Matcher
  readonly issuer?: Matcher
  /** A host name among the subject alternative names, exactly as there (`*.example`). */
  readonly name?: string
  /** Must still be valid for this long, milliseconds. */
  readonly valid_for?: number
  /** `TLSv1.3`. */
  readonly protocol?: Matcher
  readonly fingerprint256?: Matcher
}

/** Judges what the TLS server showed of itself. Over plain http there is no certificate, which fails. */
export const certificate: Assert<CertificateExpectation> = (expected, { answer, now }) => {
  const shown = answer.certificate
  const result = (what: string, holds: boolean, wanted: string, actual: string): AssertionResult => {
    return { kind: 'certificate', subject: `certificate${what}`, outcome: outcomeOf(holds), expected: wanted, actual }
  }
  if (!shown) return [result('', false, 'a TLS certificate', 'plain http')]
  const results: AssertionResult[] = []
  for (const field of ['subject', 'issuer', 'protocol', 'fingerprint256'] as const) {
    const matcher = expected[field]
    if (matcher !== undefined)
      results.push(result(` ${field}`, matches(matcher, shown[field]), describeMatcher(matcher), describeActual(shown[field])))
  }
  if (expected.name !== undefined) {
    const names = shown.subjectAltNames.map((name) => name.replace(/^(DNS|IP Address):/, ''))
    results.push(result(' name', names.includes(expected.name), JSON.stringify(expected.name), describeActual(names.join(', '))))
  }
  if (expected.valid_for !== undefined) {
    const left = shown.validTo.getTime() - now.getTime()
    results.push(result(' life', left >= expected.valid_for, `at least ${days(expected.valid_for)} left`, `${days(left)} left`))
  }
  return results
}

const days = (ms: number): string => `${(ms / 86_400_000).toFixed(1)} days`
