import { expect, test } from 'vitest'
import { connectionOptions } from '../../src/http/hop-by-hop.js'

test.for([
  { field: undefined, names: undefined },
  { field: 'keep-alive', names: undefined },
  { field: 'Close', names: undefined },
  { field: 'close, X-A ,x-b,, ', names: ['x-a', 'x-b'] },
  { field: 'Host, Content-Length, Transfer-Encoding, Authorization, Cookie', names: ['transfer-encoding'] },
])('Connection: $field names $names (RFC 9110 §7.6.1)', ({ field, names }) => {
  const found = connectionOptions(field)
  expect(found && [...found]).toEqual(names)
})
