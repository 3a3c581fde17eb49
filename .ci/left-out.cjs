/**
 * Stands in, in the bundle, for packages that dockerode loads for what Hoplab never does: building images (grpc) and
 * engines over ssh, which are on another machine anyway. They would be a megabyte, and 0.1 s of every answer.
 */
module.exports = {
  Client: function Client() {
    throw new Error('An engine over ssh is on another machine; ask there.');
  },
};
