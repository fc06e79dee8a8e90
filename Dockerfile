# The bot in a container. For a CPU:       docker build -t dawen .
# For an NVIDIA GPU:                       docker build -t dawen --build-arg DEVICE=gpu .
# PIP_OPTIONS is handed to pip, for example to name an index with torch for the CPU alone, which is smaller.
ARG PYTHON=3.12
FROM python:${PYTHON}-slim

ARG DEVICE=cpu
ARG PIP_OPTIONS=""
WORKDIR /opt/dawen
COPY pyproject.toml README.md LICENSE ./
COPY benchmarks/manual.jsonl benchmarks/
COPY docs docs
COPY migrations migrations
COPY storage storage
COPY nlp nlp
COPY bot bot
RUN pip install --no-cache-dir ${PIP_OPTIONS} ".[${DEVICE}]"

RUN useradd --create-home --uid 10001 dawen && install --directory --owner=dawen /data
USER dawen
WORKDIR /data
ENV DAWEN_HOME=/data/home PYTHONUNBUFFERED=1
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["dawen"]
CMD ["run"]
