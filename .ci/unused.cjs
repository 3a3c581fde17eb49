/**
 * Stands in for packages of dockerode that Hoplab's reading calls never reach (engines by SSH, image builds over gRPC): they
 * would double the time until the first answer, and one of them does not work in an ES module.
 */
module.exports = {};
