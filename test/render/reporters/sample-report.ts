import type { ProbeReport } from '../../../src/probe/report.js'
import type { ProbeResult } from '../../../src/probe/result.js'

/** Text that wants out of wherever it is put: control characters, lone surrogates, markup, Markdown, workflow commands. */
export const NASTY = 'a\u0000b\u0008\ud800 <script>alert(1)</script> & "q" \'s\' | `x` ]]> %0A ::error::x\r\n# not TAP \\ *bold* \u{1F512}'

function result(index: number, given: Partial<ProbeResult>): ProbeResult {
  const name = given.name ?? `case ${index}`
  return {
    id: `access › ${name}`,
    suite: 'access',
    name,
    index,
    tags: [],
    identity: 'none',
    outcome: 'pass',
    message: '',
    assertions: [],
    method: 'GET',
    url: 'http://127.0.0.1:8000/orders',
    exchanges: [],
    attempts: 1,
    at: 1_700_000_000_000,
    durationMs: 12.5,
    totalMs: 12,
    firstByteMs: 10,
    where: `oidcgw.yaml:${index + 1}:7`,
    ...given,
  }
}

const status = (expected: string, actual: string, outcome: 'pass' | 'fail' = 'pass') =>
  ({ kind: 'status', subject: 'status', outcome, expected, actual }) as const

export const RESULTS: readonly ProbeResult[] = [
  result(0, {
    name: 'closed',
    status: 401,
    assertions: [status('401', '401')],
    exchanges: [
      {
        method: 'GET',
        url: 'http://127.0.0.1:8000/orders',
        requestHeaders: [['accept', '*/*']],
        status: 401,
        statusMessage: 'Unauthorized',
        responseHeaders: [['www-authenticate', 'Bearer realm="idp", error="invalid_token"']],
        body: '{"message":"Unauthorized"}',
        bodyBytes: 26,
        firstByteMs: 10,
        totalMs: 12,
      },
    ],
  }),
  result(1, { name: 'open', identity: 'm2m', status: 200, assertions: [status('200', '200')], reachedUpstream: true }),
  result(2, {
    name: NASTY,
    identity: NASTY,
    status: 200,
    outcome: 'fail',
    message: `status: expected 403, got 200; ${NASTY}`,
    assertions: [status('403', '200', 'fail'), { kind: 'body', subject: NASTY, outcome: 'fail', expected: NASTY, actual: NASTY }],
    exchanges: [
      {
        method: 'GET',
        url: `http://127.0.0.1:8000/${NASTY}`,
        requestHeaders: [['x-nasty', NASTY]],
        status: 200,
        statusMessage: NASTY,
        responseHeaders: [['x-nasty', NASTY]],
        body: NASTY,
        bodyBytes: 3,
        firstByteMs: 1,
        totalMs: 2,
      },
    ],
  }),
  result(3, { name: 'lost', outcome: 'error', message: 'cannot reach x', error: { code: 'ERR_NETWORK', message: 'cannot reach x' } }),
  result(4, { name: 'later', outcome: 'skip', message: 'not yet' }),
  result(5, {
    name: 'known',
    identity: 'bob',
    status: 200,
    outcome: 'fail',
    message: 'status: expected 403, got 200',
    known: 'ticket 7',
    assertions: [status('403', '200', 'fail')],
  }),
]

export const REPORT: ProbeReport = {
  suites: [
    {
      name: 'access',
      gateway: 'http://127.0.0.1:8000',
      counts: { pass: 2, fail: 1, error: 1, skip: 1, known: 1 },
      inconclusive: 'the control failed',
      withoutControl: false,
    },
  ],
  counts: { pass: 2, fail: 1, error: 1, skip: 1, known: 1 },
  errors: { ERR_NETWORK: 1 },
  stale: ['access › gone'],
  latency: { count: 100, min: 1, mean: 2, p50: 2, p90: 3, p99: 4, max: 5 },
  statistics: [
    {
      id: 'access › open',
      latency: { count: 100, min: 1, mean: 2, p50: 2, p90: 3, p99: 4, max: 5 },
      statuses: { 200: 99, 503: 1 },
      errors: { ERR_NETWORK_TIMEOUT: 1 },
      histogram: Array.from({ length: 40 }, (_, index) => (index < 20 ? index : 40 - index)),
    },
  ],
  leftOut: 0,
  insecure: true,
  startedAt: 1_700_000_000_000,
  durationMs: 2500,
  results: RESULTS,
}
