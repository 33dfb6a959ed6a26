// Tells the parent what this process holds, whenever it asks. resources.ts is the other end.
exports.answerResources = () => {
  process.on('message', () => {
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    process.send({ sockets, peakMemory: process.resourceUsage().maxRSS * 1024 });
  });
};
