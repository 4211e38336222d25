# PostgreSQL from Debian's packages, where its public image cannot be had. It takes the
# same settings: POSTGRES_USER, POSTGRES_PASSWORD.
ARG BASE
FROM $BASE
RUN mkdir -p /etc/postgresql-common/createcluster.d \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/none.conf \
 && apt-get update -q \
 && apt-get install -y -q --no-install-recommends postgresql \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && ln -sf /usr/lib/postgresql/*/bin/* /usr/local/bin/ \
 && install -d -o postgres -m 700 /var/lib/postgresql/data /run/postgresql
COPY postgres.sh /usr/local/bin/postgres.sh
USER postgres
ENV PGDATA=/var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["sh", "/usr/local/bin/postgres.sh"]
