import { OidcgwError } from '../../errors.js'
import type { Assert } from './assertion.js'

/** Statuses that count: numbers and classes, any of them. */
export type StatusExpectation = readonly (number | StatusClass)[]
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx'

/** `200`, `200,204`, `2xx`, `401,403,3xx`. @throws {OidcgwError} `ERR_USAGE` for anything else. */
export function parseStatusExpectation(text: string, what = '--expect'): StatusExpectation {
  const parts = text.split(',').map((part) => part.trim().toLowerCase())
  return parts.map((part) => {
    if (/^[1-5]xx$/.test(part)) return part as StatusClass
    if (/^[1-5]\d\d$/.test(part)) return Number(part)
    throw new OidcgwError('ERR_USAGE', `${what}: "${part}" is no status`, { hint: 'Write it as 200, 200,204 or 2xx' })
  })
}

export const matchesStatus = (expected: StatusExpectation, status: number): boolean =>
  expected.some((entry) => (typeof entry === 'number' ? entry === status : Number(entry[0]) === Math.floor(status / 100)))

export const formatStatuses = (expected: StatusExpectation): string => expected.join(' or ')

/** Whether the expectation is to be let in: every status it names is a success. */
export const expectsSuccess = (expected: StatusExpectation): boolean =>
  expected.every((entry) => (typeof entry === 'number' ? entry >= 200 && entry < 300 : entry === '2xx'))

/** Whether the expectation is to be kept out: 401, 403 or a redirect, and nothing that would also let in. */
export const expectsRefusal = (expected: StatusExpectation): boolean =>
  expected.every((entry) =>
    typeof entry === 'number' ? entry === 401 || entry === 403 || (entry >= 300 && entry < 400) : entry === '3xx' || entry === '4xx',
  )

export const status: Assert<StatusExpectation> = (expected, { answer }) => [
  {
    kind: 'status',
    subject: 'status',
    outcome: matchesStatus(expected, answer.status) ? 'pass' : 'fail',
    expected: formatStatuses(expected),
    actual: String(answer.status),
  },
]
