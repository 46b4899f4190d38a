export { OidcgwError, DocumentError, type ErrorCode, type Issue } from './errors.js'
