# Builds the book and serves it:
#   docker build --tag book . && docker run --rm --publish 8000:8000 book
FROM python:3.12-slim
# hadolint ignore=DL3008 # Debian keeps one version of each package, so a pinned one is soon gone
RUN apt-get update && apt-get install --yes --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
WORKDIR /book
COPY requirements.txt ./
RUN pip install --no-cache-dir --requirement requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . && kdcore build
EXPOSE 8000
CMD ["kdcore", "serve", "--host", "0.0.0.0"]
