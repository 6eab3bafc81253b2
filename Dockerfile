# Eddy with its engine, ready to train without a network:
#   docker build -t eddy . && docker run --rm -v "$PWD/runs:/work/runs" eddy run sudoku-4x4
FROM node:22-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /eddy
COPY . .
RUN npm ci --no-progress
ENV EDDY_CACHE=/eddy-cache
RUN npx pipeline engines install xla-cpu
ENV PATH=/eddy/node_modules/.bin:$PATH
WORKDIR /work
ENTRYPOINT ["pipeline"]
CMD ["--help"]
