import type { ProbeResult } from '../../probe/result.js'

/** Routes × identities: who got what where. */
export interface Matrix {
  readonly identities: readonly string[]
  readonly rows: readonly { readonly route: string; readonly cells: readonly MatrixCell[] }[]
}

/** Undefined where nobody asked. Several cases of one cell: the worst is shown. */
export type MatrixCell =
  { readonly status: string; readonly outcome: ProbeResult['outcome']; readonly expected: string; readonly known: boolean } | undefined

const WORST: readonly ProbeResult['outcome'][] = ['fail', 'error', 'pass', 'skip']

/** The access matrix of a suite, from every case that asserted a status; undefined for fewer than two identities. */
export function matrixOf(results: readonly ProbeResult[]): Matrix | undefined {
  const asked = results.flatMap((result) => {
    const expected = result.cell?.expected ?? result.assertions.find(({ kind }) => kind === 'status')?.expected
    return expected === undefined ? [] : [{ result, expected, route: result.cell?.route ?? `${result.method} ${pathOf(result.url)}` }]
  })
  const identities = [...new Set(asked.map(({ result }) => result.identity))]
  if (identities.length < 2) return undefined
  const routes = [...new Set(asked.map(({ route }) => route))]
  const cellOf = (route: string, identity: string): MatrixCell => {
    const here = asked.filter((one) => one.route === route && one.result.identity === identity)
    const worst = here.toSorted((a, b) => WORST.indexOf(a.result.outcome) - WORST.indexOf(b.result.outcome))[0]
    if (!worst) return undefined
    const { status, outcome, known } = worst.result
    return { status: status === undefined ? '–' : String(status), outcome, expected: worst.expected, known: known !== undefined }
  }
  return { identities, rows: routes.map((route) => ({ route, cells: identities.map((identity) => cellOf(route, identity)) })) }
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]*/i, '').replace(/\?.*$/s, '') || '/'
}
