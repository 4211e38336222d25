# Valkey from Debian's packages, where its public image cannot be had.
ARG BASE
FROM $BASE
RUN apt-get update -q \
 && apt-get install -y -q --no-install-recommends valkey-server valkey-tools \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
USER valkey
WORKDIR /tmp
EXPOSE 6379
CMD ["valkey-server", "--protected-mode", "no"]
