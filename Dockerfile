# The dashboard, and nothing else: it reads the table and writes commands into it. Collectors and workers are
# Lambda functions (infra/). The tag names the patch release; pin the digest as well where your registry
# mirrors images. See .dockerignore for what can get in at all.
# Reached by another name than localhost, it needs to know: STREAMLIT_SERVER_ALLOWED_HOSTS="ops.example.com …"
# (separated by spaces), and STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS behind a proxy that changes the Host header.
FROM python:3.12.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501

RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin lamplight

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY .streamlit .streamlit
COPY store store
COPY operations operations
COPY dashboard dashboard

USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "dashboard/app.py"]
