/**
 * The library's door, for tests of your own (vitest, node:test and others).
 *
 * @example
 * const lab = await startLab()
 * await expectRoute('/oidcroute/get', { expect: 401 }, { gateway: lab.gatewayUrl })
 * await expectRoute('/oidcroute/get', { as: 'm2m', expect: 200 }, { gateway: lab.gatewayUrl, tokens: { m2m: () => lab.token() } })
 * await lab.close()
 */
export { OidcgwError, DocumentError, type ErrorCode, type Issue } from './errors.js'
export { startLab, type Lab, type LabOptions } from './lab/lab.js'
export { expectRoute, runSuite, type RouteExpectation, type RunSuiteOptions } from './probe/library.js'
export type { ProbeReport } from './probe/report.js'
export type { ProbeResult } from './probe/result.js'
